"""Not, never, not yet, don't forget: what is said not to be, or not to have been done."""

from tests.evals.case import Case, beyond, said

TASKS = ("buy milk", "call the dentist", "buy bread", "water the plants", "x pay rent")
NOTHING = (
    "I never called the dentist",
    "the plants aren't watered yet",
    "no, I have not bought bread",
    "do not delete anything",
    "please don't mark the bread as done",
    "I forgot to water the plants",
    "I couldn't reach the dentist",
    "nobody has bought the milk",
    "I almost finished watering the plants",
    "we can't delete the bread yet",
    "you must not remove the dentist",
    "don't you dare delete the milk",
    "it's not true that I called the dentist",
    "I wish I had called the dentist",
    "the milk isn't done, is it?",
    "without deleting anything, tell me what is open",
    "under no circumstances complete the bread",
    "hold off on deleting the milk",
    "i dont think i called the dentist",
    "neither the milk nor the bread is done",
    "I didn't say delete the milk",
    "stop, don't delete the bread",
)

CASES: tuple[Case, ...] = (
    *(said(message, given=TASKS) for message in NOTHING),
    beyond("don't let me forget the bread!", given=TASKS, or_does=["+ the bread"]),
    beyond("don't forget: call grandma", given=TASKS, does=["+ call grandma"]),
    beyond("not the milk, delete the bread", given=TASKS, does=["- buy bread"]),
    beyond("keep the milk but delete the bread", given=TASKS, does=["- buy bread"]),
    beyond("the dentist is done, the plants are not", given=TASKS, does=["x call the dentist"]),
    beyond("I bought the bread, though no milk", given=TASKS, does=["x buy bread"]),
)
