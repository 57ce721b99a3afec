"""What was said before: it, the second one, both, the one I just added."""

from tests.evals.case import Case, said

TASKS = ("buy milk", "call mom", "write the report", "clean the kitchen")
ORDER = "show my tasks"

CASES: tuple[Case, ...] = (
    said("add buy a lamp", "delete it", given=TASKS),
    said("add buy a lamp", "mark it as done", does=["+ x buy a lamp"]),
    said("add a task to buy a lamp", "oh, and delete it again please", given=TASKS),
    said("add buy a lamp", "rename it to buy a desk lamp", does=["+ buy a desk lamp"]),
    said("add buy a lamp", "add a note to it: max 40 euros", does=["+ buy a lamp | max 40 euros"]),
    said(ORDER, "delete the second one", given=TASKS, does=["- call mom"]),
    said(ORDER, "mark the first one as done", given=TASKS, does=["x buy milk"]),
    said(ORDER, "complete number 3", given=TASKS, does=["x write the report"]),
    said(ORDER, "remove the last one", given=TASKS, does=["- clean the kitchen"]),
    said(
        ORDER,
        "delete the first and the third",
        given=TASKS,
        does=["- buy milk", "- write the report"],
    ),
    said(ORDER, "the first two are done", given=TASKS, does=["x buy milk", "x call mom"]),
    said(ORDER, "delete all of them", given=TASKS, does=[f"- {title}" for title in TASKS]),
    said(ORDER, "rename the second one to call dad", given=TASKS, does=["call mom -> call dad"]),
    said(
        "add iron the shirts and fold the laundry",
        "mark both as done",
        does=["+ x iron the shirts", "+ x fold the laundry"],
    ),
    said("add iron the shirts and fold the laundry", "delete both", given=TASKS),
    said(
        "add iron the shirts",
        "also add fold the laundry",
        "delete the first one I mentioned, iron the shirts",
        does=["+ fold the laundry"],
    ),
    said(
        "delete the milk",
        "and the kitchen too",
        given=TASKS,
        does=["- buy milk", "- clean the kitchen"],
    ),
    said("add buy eggs", "and flour", does=["+ buy eggs", "+ flour"]),
    said("complete the report", "and now delete it", given=TASKS, does=["- write the report"]),
    said("add buy a lamp", "thanks", "actually, remove that one", given=TASKS),
    said("do I have something about mom?", "great, that's done", given=TASKS, does=["x call mom"]),
    said("delete the task I just added", given=("buy a lamp",), does=["- buy a lamp"]),
    said(ORDER, "hi", "delete the third one", given=TASKS, does=["- write the report"]),
    said("add buy a lamp", "undo that", given=TASKS),
    said("what is open?", "finish the last one", given=TASKS, does=["x clean the kitchen"]),
)
