"""Which runs pass, and what the report counts apart."""

from tests.evals.case import BLAND, Case, Task, beyond, said
from tests.evals.report import failures, shortfalls, table
from tests.evals.runner import Result

MILK = Task("buy milk")
ADD = said("add milk", does=["+ milk"])
KEEP = said("don't delete the milk", given=["buy milk"])
GERMAN = beyond("Lösch die Milch nicht, setz Brot drauf", given=["buy milk"], does=["+ Brot"])


def ended(case: Case, *tasks: Task) -> Result:
    """A case that left these tasks."""
    return Result("some", case, (BLAND,), tasks, None, 1.0)


RIGHT = [ended(ADD, Task("milk")), ended(KEEP, MILK), ended(GERMAN, MILK, Task("Brot"))]


def rates(runs: list[list[Result]]) -> dict[str, list[str]]:
    """The table's cells by the name of their line."""
    lines = [line.rsplit(maxsplit=6) for line in table(runs) if "%" in line]
    return {name.strip(): cells for name, *cells in lines}


def test_touched_task_fails_the_simulator_and_a_real_model() -> None:
    for result in (ended(KEEP), ended(GERMAN, Task("Brot"))):
        runs = [[*RIGHT * 100, result]]
        assert [*shortfalls(runs, is_real_model=False)]
        assert [*shortfalls(runs, is_real_model=True)]


def test_cases_passed_by_doing_nothing_do_not_lift_the_rate() -> None:
    runs = [[ended(ADD), *[ended(KEEP, MILK)] * 100]]
    assert [*shortfalls(runs, is_real_model=False)] == ["✗ plain English: 0.0% is below 95%"]
    assert rates(runs)["right by doing nothing"][:2] == ["100", "100.0%"]


def test_case_for_a_real_model_does_not_lower_the_simulators_rate() -> None:
    runs = [[ended(ADD, Task("milk")), ended(GERMAN, MILK)]]
    assert not [*shortfalls(runs, is_real_model=False)]
    assert not [*failures(runs, is_real_model=False)]
    assert [*failures(runs, is_real_model=True)]


def test_spread_of_several_runs_is_told() -> None:
    runs = [RIGHT, [ended(ADD), *RIGHT[1:]]]
    assert not [*shortfalls(runs, is_real_model=True)]
    assert rates(runs)["all"][:4] == ["3", "83.3%", "66.7%", "100.0%"]
    assert "(1 of 2 runs)" in "".join(failures(runs, is_real_model=True))
