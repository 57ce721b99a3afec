"""All but, except, only: a part of the list."""

from tests.evals.case import Case, beyond, said

TASKS = ("buy milk", "call mom", "write the report", "clean the kitchen")
WITH_DONE = (*TASKS[:3], "x pay rent", "x book flights")

CASES: tuple[Case, ...] = (
    said(
        "delete everything except the report",
        given=TASKS,
        does=["- buy milk", "- call mom", "- clean the kitchen"],
    ),
    beyond(
        "mark all as done except call mom",
        given=TASKS,
        does=["x buy milk", "x write the report", "x clean the kitchen"],
    ),
    beyond(
        "complete all but the first two",
        given=TASKS,
        does=["x write the report", "x clean the kitchen"],
    ),
    beyond(
        "I did everything apart from the kitchen",
        given=TASKS,
        does=["x buy milk", "x call mom", "x write the report"],
    ),
    beyond("delete the finished ones, but not the rent", given=WITH_DONE, does=["- book flights"]),
    beyond("remove what is done other than the flights", given=WITH_DONE, does=["- pay rent"]),
    beyond(
        "leave the milk alone and delete the rest",
        given=TASKS[:3],
        does=["- call mom", "- write the report"],
    ),
    beyond("delete only the report, nothing else", given=TASKS, does=["- write the report"]),
    beyond(
        "show everything except what is done",
        given=WITH_DONE,
        hears=["buy milk", "call mom", "write the report"],
    ),
    said("delete everything except the boat", given=TASKS),
    said("delete nothing", given=TASKS),
    beyond("delete nothing but the report", given=TASKS, does=["- write the report"]),
)
