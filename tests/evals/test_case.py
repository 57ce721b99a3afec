"""The notation of cases, and what counts as success."""

import pytest

from tests.evals.case import Case, Task, said

BEFORE = ("buy milk | two liters", "call mom", "x pay rent")


def outcome(*titles: str) -> list[Task]:
    """Tasks as mcp-tools would show them."""
    return [Task(one.title, one.note, one.is_done) for one in map(Task.read, titles)]


WRONG: dict[str, tuple[Case, list[Task]]] = {
    "nothing was done": (said("x", given=BEFORE, does=["- call mom"]), outcome(*BEFORE)),
    "another task was deleted": (
        said("x", given=BEFORE, does=["- call mom"]),
        outcome("call mom", "x pay rent"),
    ),
    "something was done that nobody asked for": (said("x", given=BEFORE), outcome(*BEFORE[:2])),
    "a task that was there got another title": (
        said("x", given=BEFORE),
        outcome("buy milk | two liters", "Call mom", "x pay rent"),
    ),
    "a note got lost": (
        said("x", given=BEFORE),
        outcome("buy milk", "call mom", "x pay rent"),
    ),
    "it was added twice": (said("x", does=["+ buy tea"]), outcome("buy tea", "buy tea")),
    "a word of the title is missing": (
        said("x", does=["+ buy green tea"]),
        outcome("buy tea"),
    ),
    "the title is the whole sentence": (
        said("x", does=["+ buy tea"]),
        outcome("please add a task to buy tea now"),
    ),
    "it was added but not completed": (said("x", does=["+ x buy tea"]), outcome("buy tea")),
}


@pytest.mark.parametrize(("case", "tasks"), WRONG.values(), ids=WRONG.keys())
def test_wrong_outcome_is_no_success(case: Case, tasks: list[Task]) -> None:
    assert not case.is_success(tasks)


RIGHT: dict[str, tuple[Case, list[Task]]] = {
    "nothing was to be done": (said("x", given=BEFORE), outcome(*reversed(BEFORE))),
    "other case and small words": (said("x", does=["+ buy tea"]), outcome("Buy the tea")),
    "a part of the title became the note": (
        said("x", does=["+ call mom tomorrow"]),
        outcome("Call mom | tomorrow"),
    ),
    "completed": (
        said("x", given=BEFORE, does=["x call mom"]),
        outcome(BEFORE[0], "x call mom", BEFORE[2]),
    ),
    "renamed and noted": (
        said("x", given=BEFORE, does=["call mom -> call dad", "call dad | at noon"]),
        outcome(BEFORE[0], "call dad | At noon!", BEFORE[2]),
    ),
    "the note is gone": (
        said("x", given=BEFORE, does=["buy milk |"]),
        outcome("buy milk", *BEFORE[1:]),
    ),
    "the other right outcome": (
        Case(say=("x",), does=("+ milk and eggs",), or_does=("+ milk", "+ eggs")),
        outcome("eggs", "milk"),
    ),
}


@pytest.mark.parametrize(("case", "tasks"), RIGHT.values(), ids=RIGHT.keys())
def test_right_outcome_is_a_success(case: Case, tasks: list[Task]) -> None:
    assert case.is_success(tasks)


def test_effect_on_a_task_that_is_not_there_is_a_mistake_of_the_case() -> None:
    with pytest.raises(ValueError, match="there is no task 'buy tea'"):
        said("x", given=BEFORE, does=["- buy tea"]).is_success([])
