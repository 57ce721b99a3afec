"""Tasks that are done."""

from tests.evals.case import Case, said

TASKS = (
    "buy milk",
    "call mom",
    "write the annual report",
    "clean the kitchen",
    "book the dentist",
    "x pay rent",
)

CASES: tuple[Case, ...] = (
    said("mark buy milk as done", given=TASKS, does=["x buy milk"]),
    said("I finished the annual report!", given=TASKS, does=["x write the annual report"]),
    said("complete the kitchen task", given=TASKS, does=["x clean the kitchen"]),
    said("Done with the dentist", given=TASKS, does=["x book the dentist"]),
    said("I called mom", given=TASKS, does=["x call mom"]),
    said("just bought milk", given=TASKS, does=["x buy milk"]),
    said("the report is finished", given=TASKS, does=["x write the annual report"]),
    said('please check off "call mom"', given=TASKS, does=["x call mom"]),
    said("tick off the milk for me", given=TASKS, does=["x buy milk"]),
    said("Can you mark the dentist one as completed?", given=TASKS, does=["x book the dentist"]),
    said("i've cleaned the kitchen, so that's done", given=TASKS, does=["x clean the kitchen"]),
    said("set call mom to done", given=TASKS, does=["x call mom"]),
    said(
        "mark milk and the report as done",
        given=TASKS,
        does=["x buy milk", "x write the annual report"],
    ),
    said(
        "I did the kitchen and called mom today",
        given=TASKS,
        does=["x clean the kitchen", "x call mom"],
    ),
    said(
        "complete all my tasks",
        given=TASKS,
        does=[f"x {title}" for title in TASKS[:5]],
    ),
    said(
        "everything is done, mark it all as complete",
        given=TASKS,
        does=[f"x {title}" for title in TASKS[:5]],
    ),
    said("mark the rent as done", given=TASKS),
    said("cross off writing the report", given=TASKS, does=["x write the annual report"]),
    said("I took care of the dentist thing", given=TASKS, does=["x book the dentist"]),
    said("finish buy milk", given=TASKS, does=["x buy milk"]),
    said("the kitchen has been cleaned", given=TASKS, does=["x clean the kitchen"]),
)
