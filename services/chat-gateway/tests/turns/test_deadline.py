"""The time that is left."""

import asyncio

import pytest
from chat_gateway.errors import DeadlineExceeded
from chat_gateway.turns.deadline import Deadline


async def test_deadline_that_passed_leaves_nothing() -> None:
    with pytest.raises(DeadlineExceeded):
        Deadline.after(-0.001).remaining_seconds()


async def test_what_is_left_is_at_most_what_was_given() -> None:
    assert 4.5 < Deadline.after(5).remaining_seconds() <= 5


async def test_block_is_cut_off_when_the_deadline_passes() -> None:
    never = asyncio.Event()
    with pytest.raises(DeadlineExceeded):
        async with Deadline.after(0.01).enforced():
            await never.wait()


async def test_timeout_of_the_block_itself_is_not_the_deadline() -> None:
    with pytest.raises(TimeoutError, match="somebody else's"):
        async with Deadline.after(5).enforced():
            raise TimeoutError("somebody else's")


async def test_cancellation_from_outside_stays_a_cancellation() -> None:
    entered = asyncio.Event()

    async def wait_inside() -> None:
        async with Deadline.after(5).enforced():
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait_inside())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
