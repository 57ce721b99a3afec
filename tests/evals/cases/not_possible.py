"""What no tool can do: it is said, and the nearest thing is offered or done."""

from tests.evals.case import Case, beyond, said

TASKS = ("buy milk", "call mom", "x pay rent")
CANNOT = "n't or cannot or can not or not able or not possible or unable or no way or nothing will"

CASES: tuple[Case, ...] = (
    said("share my list with Tom", given=TASKS),
    said("send my tasks to tom@example.com", given=TASKS),
    said("sort my list by priority", given=TASKS),
    said("delete call mom next Friday at noon", given=TASKS),
    said("archive the rent", given=TASKS),
    said("call mom for me", given=TASKS),
    said("order the milk online", given=TASKS),
    said("move buy milk to the top", given=TASKS),
    said("delete my account", given=TASKS),
    said("restore the tasks I deleted last week", given=TASKS),
    said("complete Anna's tasks", given=TASKS),
    beyond("can you share my list with Tom?", given=TASKS, hears=[CANNOT]),
    beyond("ring me at 5 pm", given=TASKS, hears=[CANNOT], or_does=["+ ring at 5 pm"]),
    beyond(
        "set call mom's due date to Friday",
        given=TASKS,
        hears=[CANNOT],
        or_does=["call mom | friday"],
    ),
    beyond("set an alarm for calling mom", given=TASKS, hears=[CANNOT]),
    beyond("send me an email when the milk is due", given=TASKS, hears=[CANNOT]),
    beyond("show me Anna's tasks", given=TASKS, hears=[CANNOT]),
    beyond(
        "make buy milk repeat every week",
        given=TASKS,
        hears=[CANNOT],
        or_does=["buy milk | every week"],
    ),
    beyond("remind me to stretch at 3 pm", does=["+ stretch at 3 pm"], hears=[CANNOT]),
)
