"""New titles and descriptions."""

from tests.evals.case import Case, said

TASKS = ("buy milk", "call mom", "write the report | due Friday", "meeting with Bob at 3")

CASES: tuple[Case, ...] = (
    said("rename buy milk to buy oat milk", given=TASKS, does=["buy milk -> buy oat milk"]),
    said(
        "change 'call mom' to 'call mom and dad'",
        given=TASKS,
        does=["call mom -> call mom and dad"],
    ),
    said(
        "Can you rename the report task to finish the report?",
        given=TASKS,
        does=["write the report -> finish the report"],
    ),
    said(
        "change the title of the milk task to get almond milk",
        given=TASKS,
        does=["buy milk -> get almond milk"],
    ),
    said(
        "the meeting should be called meeting with Bob at 4",
        given=TASKS,
        does=["meeting with Bob at 3 -> meeting with Bob at 4"],
    ),
    said(
        "update the task call mom so it says call grandma",
        given=TASKS,
        does=["call mom -> call grandma"],
    ),
    said(
        "edit buy milk: it should be buy soy milk",
        given=TASKS,
        does=["buy milk -> buy soy milk"],
    ),
    said(
        "add a note to buy milk: two bottles",
        given=TASKS,
        does=["buy milk | two bottles"],
    ),
    said(
        "set the description of call mom to ask about the recipe",
        given=TASKS,
        does=["call mom | ask about the recipe"],
    ),
    said(
        "change the description of the report to due Monday",
        given=TASKS,
        does=["write the report | due Monday"],
    ),
    said(
        "remove the description from the report",
        given=TASKS,
        does=["write the report |"],
    ),
    said(
        "update the milk task with the note lactose free",
        given=TASKS,
        does=["buy milk | lactose free"],
    ),
    said(
        "rename the milk task to buy oat milk and set its description to one liter",
        given=TASKS,
        does=["buy milk -> buy oat milk", "buy oat milk | one liter"],
    ),
    said(
        "replace call mom with call the whole family",
        given=TASKS,
        does=["call mom -> call the whole family"],
    ),
    said("rename buy milk", "buy coconut milk", given=TASKS, does=["buy milk -> buy coconut milk"]),
    said("rename the holiday task to vacation", given=TASKS),
)
