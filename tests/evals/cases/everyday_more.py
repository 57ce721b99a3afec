"""More of how people talk when nobody told them how."""

from tests.evals.case import Case, said

TASKS = (
    "buy milk",
    "call mom",
    "finish the annual report",
    "clean the kitchen",
    "book flights to Rome",
    "x pay rent",
)

CASES: tuple[Case, ...] = (
    said(
        "Hey, quick one: put renew gym membership on there",
        given=TASKS,
        does=["+ renew gym membership"],
    ),
    said("mom's been called", given=TASKS, does=["x call mom"]),
    said(
        "let's remove the Rome flights, we're not going",
        given=TASKS,
        does=["- book flights to Rome"],
    ),
    said(
        "could you tick the first three?",
        given=TASKS,
        does=["x buy milk", "x call mom", "x finish the annual report"],
    ),
    said("can you add to my list that I need to fix the roof", does=["+ fix the roof"]),
    said(
        'Add "yoga at 7", "breakfast with Lea" and "dentist"',
        does=["+ yoga at 7", "+ breakfast with Lea", "+ dentist"],
    ),
    said(
        "I have two things to do: wash the dog and trim the hedge",
        does=["+ wash the dog", "+ trim the hedge"],
    ),
    said("what have I got left to do this week?", given=TASKS, hears=TASKS[:5]),
    said("i already did the kitchen", given=TASKS, does=["x clean the kitchen"]),
    said("remove mom", given=TASKS, does=["- call mom"]),
    said(
        "I want to rename the Rome task. New name: book train to Rome",
        given=TASKS,
        does=["book flights to Rome -> book train to Rome"],
    ),
    said("new todo - descale the coffee machine", does=["+ descale the coffee machine"]),
    said("Task for tomorrow: email HR", does=["+ email HR tomorrow"]),
    said("show done tasks", "delete them", given=TASKS, does=["- pay rent"]),
    said("mark kitchen & milk done", given=TASKS, does=["x clean the kitchen", "x buy milk"]),
    said("all done with cleaning the kitchen", given=TASKS, does=["x clean the kitchen"]),
    said("I've just finished cleaning the kitchen", given=TASKS, does=["x clean the kitchen"]),
    said("we booked the flights!", given=TASKS, does=["x book flights to Rome"]),
    said("please make a note that I need to renew the lease", does=["+ renew the lease"]),
    said("Add walking the dog to my tasks", does=["+ walking the dog"]),
    said("add buy milk", "add buy eggs", "delete the first one", does=["+ buy eggs"]),
    said(
        "what tasks do I have",
        "mark 2 and 4 as done",
        given=TASKS,
        does=["x call mom", "x clean the kitchen"],
    ),
    said(
        "delete call mom and mark the kitchen as done please",
        given=TASKS,
        does=["- call mom", "x clean the kitchen"],
    ),
    said(
        "add description 'semi-skimmed' to the milk task",
        given=TASKS,
        does=["buy milk | semi-skimmed"],
    ),
    said(
        "the milk task: add the note 'semi-skimmed'",
        given=TASKS,
        does=["buy milk | semi-skimmed"],
    ),
    said("can we get rid of the kitchen thing", given=TASKS, does=["- clean the kitchen"]),
    said("its done, the report i mean", given=TASKS, does=["x finish the annual report"]),
    said("forget the kitchen", given=TASKS, does=["- clean the kitchen"]),
    said("i need a haircut", does=["+ haircut"]),
    said("Please add the task of sorting my receipts", does=["+ sorting my receipts"]),
    said("add something to do with the garden: plant tulips", does=["+ plant tulips"]),
)
