"""Tasks that are to go."""

from tests.evals.case import Case, said

TASKS = (
    "buy milk",
    "call mom",
    "write the annual report",
    "clean the kitchen",
    "book the dentist",
    "x pay rent",
    "x water the plants",
)

CASES: tuple[Case, ...] = (
    said("delete buy milk", given=TASKS, does=["- buy milk"]),
    said("Remove the dentist task, please.", given=TASKS, does=["- book the dentist"]),
    said("get rid of the report", given=TASKS, does=["- write the annual report"]),
    said("take call mom off my list", given=TASKS, does=["- call mom"]),
    said("I don't need to clean the kitchen anymore", given=TASKS, does=["- clean the kitchen"]),
    said("can you erase the milk one?", given=TASKS, does=["- buy milk"]),
    said("drop the annual report task", given=TASKS, does=["- write the annual report"]),
    said("delete the task about the plants", given=TASKS, does=["- water the plants"]),
    said(
        "delete all completed tasks",
        given=TASKS,
        does=["- pay rent", "- water the plants"],
    ),
    said(
        "clean up everything that is already done",
        given=TASKS,
        does=["- pay rent", "- water the plants"],
    ),
    said(
        "please remove the finished ones",
        given=TASKS,
        does=["- pay rent", "- water the plants"],
    ),
    said(
        "Delete all my tasks. Yes, I am sure.",
        given=TASKS,
        does=[f"- {title.removeprefix('x ')}" for title in TASKS],
    ),
    said(
        "clear my whole list",
        "yes",
        given=TASKS,
        does=[f"- {title.removeprefix('x ')}" for title in TASKS],
    ),
    said(
        "delete the milk and the dentist tasks",
        given=TASKS,
        does=["- buy milk", "- book the dentist"],
    ),
    said(
        "remove everything except the report and the kitchen",
        given=TASKS,
        does=["- buy milk", "- call mom", "- book the dentist", "- pay rent", "- water the plants"],
    ),
    said("scrap 'clean the kitchen'", given=TASKS, does=["- clean the kitchen"]),
    said("the dentist appointment is no longer needed", given=TASKS, does=["- book the dentist"]),
    said("delete rent", given=TASKS, does=["- pay rent"]),
    said("Forget about calling mom, delete that task", given=TASKS, does=["- call mom"]),
    said(
        "delete all tasks that contain the word the",
        given=("feed the cat", "walk the dog", "buy shoes"),
        does=["- feed the cat", "- walk the dog"],
    ),
)
