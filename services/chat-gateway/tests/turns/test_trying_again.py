"""Trying again within a deadline."""

import asyncio

import pytest
from chat_gateway.errors import DeadlineExceeded, ModelError, ModelUnavailable
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.retries import ATTEMPTS, TryAgain, retry_until


class Attempts:
    """Fails in the given ways, then succeeds."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.made = 0

    async def __call__(self) -> str:
        self.made += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


async def test_what_is_not_worth_repeating_is_raised_at_once() -> None:
    attempts = Attempts(ModelError())

    with pytest.raises(ModelError):
        await retry_until(Deadline.after(5), attempts)
    assert attempts.made == 1


async def test_the_last_failure_is_raised_when_no_attempt_is_left() -> None:
    failures = [TryAgain(ModelUnavailable(), after_seconds=0) for _ in range(ATTEMPTS)]
    attempts = Attempts(*failures)

    with pytest.raises(ModelUnavailable):
        await retry_until(Deadline.after(5), attempts)
    assert attempts.made == ATTEMPTS


async def test_a_wait_that_does_not_fit_the_deadline_is_not_begun() -> None:
    attempts = Attempts(TryAgain(ModelUnavailable(), after_seconds=5))
    began = asyncio.get_running_loop().time()

    with pytest.raises(ModelUnavailable):
        await retry_until(Deadline.after(2), attempts)
    assert attempts.made == 1
    assert asyncio.get_running_loop().time() - began < 1


async def test_a_deadline_that_has_passed_is_said() -> None:
    with pytest.raises(DeadlineExceeded):
        await retry_until(Deadline.after(0), Attempts(TryAgain(ModelUnavailable())))


async def test_an_attempt_that_works_the_second_time_is_enough() -> None:
    attempts = Attempts(TryAgain(ModelUnavailable(), after_seconds=0.01))

    assert await retry_until(Deadline.after(5), attempts) == "done"
    assert attempts.made == 2
