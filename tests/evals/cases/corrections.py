"""No wait, I mean, scratch that: what holds at the end of a message, and of a conversation."""

from tests.evals.case import Case, beyond, said

TASKS = ("buy milk", "buy bread", "call mom", "write the report")
NOTHING = ("please delete the report oh no sorry wrong list, ignore this",)

CASES: tuple[Case, ...] = (
    *(said(message, given=TASKS) for message in NOTHING),
    beyond("add buy eggs, sorry, buy ham", given=TASKS, does=["+ buy ham"]),
    beyond("delete mom... er, complete it I mean", given=TASKS, does=["x call mom"]),
    beyond("mark the milk as done, or no, delete it", given=TASKS, does=["- buy milk"]),
    beyond("rename milk to oat milk. soy milk, sorry", given=TASKS, does=["buy milk -> soy milk"]),
    beyond(
        "add call dad, uncle Bob and Tina. not Tina",
        does=["+ call dad", "+ call uncle Bob"],
        or_does=["+ call dad", "+ uncle Bob"],
    ),
    beyond(
        "delete buy milk",
        "that was wrong, put it back",
        given=TASKS,
        does=["- buy milk", "+ buy milk"],
    ),
    beyond("rename buy milk to buy tea", "undo", given=TASKS, does=["buy milk -> buy milk"]),
    beyond(
        "delete the milk",
        "oh no, I meant the bread",
        given=TASKS,
        does=["- buy milk", "+ buy milk", "- buy bread"],
        or_does=["- buy milk", "- buy bread"],
    ),
)
