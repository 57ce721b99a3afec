"""The notation of cases, and what counts as success."""

import pytest

from tests.evals.case import BLAND, Case, Task, said

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
    "it was opened but not renamed": (
        said("x", given=BEFORE, does=["o pay rent", "pay rent -> pay June"]),
        outcome(*BEFORE[:2], "pay rent"),
    ),
    "it was not opened": (said("x", given=BEFORE, does=["o pay rent"]), outcome(*BEFORE)),
    "it was added but not completed": (said("x", does=["+ x buy tea"]), outcome("buy tea")),
}


@pytest.mark.parametrize(("case", "tasks"), WRONG.values(), ids=WRONG.keys())
def test_wrong_outcome_is_no_success(case: Case, tasks: list[Task]) -> None:
    assert not case.is_success(tasks, BLAND)


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
    "opened again": (
        said("x", given=BEFORE, does=["o pay rent"]),
        outcome(*BEFORE[:2], "pay rent"),
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
    assert case.is_success(tasks, BLAND)


def test_effect_on_a_task_that_is_not_there_is_a_mistake_of_the_case() -> None:
    with pytest.raises(ValueError, match="there is no task 'buy tea'"):
        said("x", given=BEFORE, does=["- buy tea"]).is_success([], BLAND)


FACTS = said("how many?", hears=["3 or three", "Buy Milk"])


@pytest.mark.parametrize(
    "answer",
    ["Three: buy milk …", "3 (buy milk …)", "٣ buy milk", "You have 3 tasks: “Buy milk”, …"],
)
def test_answer_with_the_facts_is_a_success(answer: str) -> None:
    assert FACTS.is_success([], answer)


@pytest.mark.parametrize("answer", [BLAND, "buy milk", "13 tasks: buy milk", "3 tasks"])
def test_answer_without_a_fact_is_no_success(answer: str) -> None:
    assert not FACTS.is_success([], answer)


TOUCHED: dict[str, tuple[Case, list[Task]]] = {
    "a neighbour was deleted": (
        said("x", given=BEFORE, does=["- buy milk"]),
        outcome("x pay rent"),
    ),
    "a neighbour was completed": (
        said("x", given=BEFORE, does=["- buy milk"]),
        outcome("x call mom", "x pay rent"),
    ),
    "a neighbour was opened again": (
        said("x", given=BEFORE, does=["- buy milk"]),
        outcome("call mom", "pay rent"),
    ),
    "a neighbour's note was changed": (
        said("x", given=BEFORE, does=["x call mom"]),
        outcome("buy milk", "x call mom", "x pay rent"),
    ),
    "both of two equal ones": (
        said("x", given=("buy milk", "buy milk"), does=["- buy milk"]),
        [],
    ),
}


@pytest.mark.parametrize(("case", "tasks"), TOUCHED.values(), ids=TOUCHED.keys())
def test_task_that_no_effect_names_must_not_be_touched(case: Case, tasks: list[Task]) -> None:
    assert len(case.touched(tasks)) == 1


def test_what_an_effect_names_may_be_touched_in_any_way() -> None:
    case = said("x", given=BEFORE, does=["- buy milk"], or_does=["x call mom"])
    assert not case.touched(outcome("buy tea", "x pay rent"))


def test_case_that_doing_nothing_passes_is_known() -> None:
    assert said("x", given=BEFORE).passes_idle
    assert not said("x", given=BEFORE, hears=["buy milk"]).passes_idle
    assert not said("x", given=BEFORE, does=["- buy milk"]).passes_idle
