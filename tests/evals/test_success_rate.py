"""The floor under the simulator's understanding, through the whole system."""

import pytest
from devstack.stack import Stack

from tests.evals.collection import all_cases
from tests.evals.report import FLOOR, failures, success_rate, table
from tests.evals.runner import run_cases
from tests.evals.system import door_of


def test_there_are_enough_cases_and_none_twice() -> None:
    cases = [case for _, case in all_cases()]
    assert len(cases) >= 120
    assert len({(case.say, case.given) for case in cases}) == len(cases)


@pytest.mark.timeout(300)  # about a minute on two free cores
async def test_simulator_reaches_the_floor(stack: Stack) -> None:
    results = await run_cases(door_of(stack), all_cases())
    report = "\n".join([*failures(results), "", *table(results)])
    assert success_rate(results) >= FLOOR, report
