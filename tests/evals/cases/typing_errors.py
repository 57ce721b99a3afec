"""Typed in a hurry: slips, no capitals, no signs, all capitals."""

from tests.evals.case import Case, said

TASKS = ("buy milk", "call mom", "write the annual report", "clean the kitchen")

CASES: tuple[Case, ...] = (
    said("ad a task to buy bread", does=["+ buy bread"]),
    said("add a taks to buy bread", does=["+ buy bread"]),
    said("delte the milk task", given=TASKS, does=["- buy milk"]),
    said("shwo me my taks", given=TASKS, hears=TASKS),
    said("mark teh kitchen as doen", given=TASKS, does=["x clean the kitchen"]),
    said("complet the anual report", given=TASKS, does=["x write the annual report"]),
    said("DELETE THE MILK TASK!!!", given=TASKS, does=["- buy milk"]),
    said("pls add call dad thx", given=TASKS, does=["+ call dad"]),
    said("renmae buy milk to buy tea", given=TASKS, does=["buy milk -> buy tea"]),
    said("i finisehd the report", given=TASKS, does=["x write the annual report"]),
    said("remove kitchn", given=TASKS, does=["- clean the kitchen"]),
    said("can u ad buy soap n thx", does=["+ buy soap"]),
    said("crate a task: buy soap", does=["+ buy soap"]),
    said("remnid me to buy soap", does=["+ buy soap"]),
    said("whats on my lits", given=TASKS, hears=TASKS),
    said("plese delet call mom", given=TASKS, does=["- call mom"]),
)
