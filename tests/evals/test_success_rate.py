"""The floors under the simulator's understanding and its care, through the whole system."""

import pytest
from devstack.stack import Stack

from tests.evals.collection import all_cases
from tests.evals.report import failures, shortfalls, table
from tests.evals.runner import run_cases


def test_there_are_enough_cases_and_none_twice() -> None:
    cases = [case for _, case in all_cases()]
    assert len(cases) >= 120
    assert len({(case.say, case.given) for case in cases}) == len(cases)


@pytest.mark.timeout(300)  # 100 s on two busy cores
async def test_simulator_reaches_the_floors(stack: Stack) -> None:
    runs = [await run_cases(stack.urls, all_cases())]
    missing = list(shortfalls(runs, is_real_model=False))
    failed = failures(runs, is_real_model=False)
    assert not missing, "\n".join([*failed, "", *table(runs), "", *missing])
