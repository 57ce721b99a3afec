"""More than one thing in a message."""

from tests.evals.case import Case, said

TASKS = ("buy milk", "call mom", "write the report", "x pay rent")

CASES: tuple[Case, ...] = (
    said("add buy eggs and delete call mom", given=TASKS, does=["+ buy eggs", "- call mom"]),
    said(
        "I called mom. Please add a task to send her the photos.",
        given=TASKS,
        does=["x call mom", "+ send her the photos"],
    ),
    said(
        "mark the report as done and show me what's left",
        given=TASKS,
        does=["x write the report"],
    ),
    said(
        "delete the milk, then add buy oat milk", given=TASKS, does=["- buy milk", "+ buy oat milk"]
    ),
    said(
        "Finish call mom, delete the rent task and add book a massage",
        given=TASKS,
        does=["x call mom", "- pay rent", "+ book a massage"],
    ),
    said("add buy a lamp and mark it as done", given=TASKS, does=["+ x buy a lamp"]),
    said(
        "rename milk to oat milk and call mom is done",
        given=TASKS,
        does=["buy milk -> oat milk", "x call mom"],
    ),
    said(
        "Hi! First, remove the rent. Second, add pay the phone bill. Thanks!",
        given=TASKS,
        does=["- pay rent", "+ pay the phone bill"],
    ),
    said(
        "I bought the milk and finished the report, what else is there?",
        given=TASKS,
        does=["x buy milk", "x write the report"],
    ),
    said(
        "Can you delete the completed tasks and then list the rest?",
        given=TASKS,
        does=["- pay rent"],
    ),
    said(
        "add wash the car; add clean the garage; mark call mom as done",
        given=TASKS,
        does=["+ wash the car", "+ clean the garage", "x call mom"],
    ),
    said(
        "mark everything as done and then delete the milk",
        given=TASKS[:3],
        does=["x call mom", "x write the report", "- buy milk"],
    ),
)
