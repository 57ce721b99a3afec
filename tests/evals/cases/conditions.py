"""If, unless, when, once: what the tasks show, what they cannot show, and what is still to come."""

from tests.evals.case import Case, beyond, said

TASKS = ("buy milk", "call mom", "write the report", "x pay rent")
NOTHING = (
    "delete the milk if it is already completed",
    "unless the rent is open, leave everything as it is",
    "once I have called mom, you can delete her",
    "when I get home I will do the report",
    "I would delete the report if I could",
    "suppose I deleted the milk, what would be left?",
    "if there is a task about the boat, delete it",
    "you may delete the milk when I say so",
    "after I finish the report I want to delete it",
    "delete the report unless I still have to write it",
    "if I had bought milk I would tell you",
)

CASES: tuple[Case, ...] = (
    *(said(message, given=TASKS) for message in NOTHING),
    beyond("if the rent is paid, delete it", given=TASKS, does=["- pay rent"]),
    beyond("delete the rent if it is done", given=TASKS, does=["- pay rent"]),
    beyond("if there is no task about bread, add buy bread", given=TASKS, does=["+ buy bread"]),
    beyond("add buy milk unless it is on the list", given=TASKS),
    beyond(
        "if call mom is still open mark it as done, otherwise delete it",
        given=TASKS,
        does=["x call mom"],
    ),
    beyond(
        "in case the milk is not done yet, rename it to buy oat milk",
        given=TASKS,
        does=["buy milk -> buy oat milk"],
    ),
)
