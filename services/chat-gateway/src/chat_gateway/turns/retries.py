"""Trying again within the turn's deadline, for requests that are safe to repeat.

A model call has no side effect, and a tool call carries an idempotency key, so both may be sent
again. The libraries' own retries are off: they know neither the deadline nor the key.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from servicekit.problems import Problem

from chat_gateway.turns.deadline import Deadline

ATTEMPTS: Final = 3
"""One request and at most two repeats: a third repeat rarely helps and costs the person's time."""
FIRST_PAUSE_SECONDS: Final = 0.2
"""Doubled by each attempt, plus up to half of it again at random, so that pods do not march."""

LONGEST_PAUSE_SECONDS: Final = 5.0
"""A person waits five seconds for an answer; who is asked to wait longer is told so at once."""

T = TypeVar("T")


class TryAgain(Exception):
    """An attempt failed in a way that a later one may not.

    Args: failure: what to raise when there is no later one. reason: one of a few words, for the
        metric. after_seconds: what the other side asked us to wait, if it did.
    """

    def __init__(
        self,
        failure: Problem,
        *,
        reason: str = "unavailable",
        after_seconds: float | None = None,
    ) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.reason = reason
        self.after_seconds = after_seconds


def _unheard(_: TryAgain) -> None:
    """Where nobody counts."""


async def retry_until(
    deadline: Deadline,
    attempt: Callable[[], Awaitable[T]],
    *,
    on_repeat: Callable[[TryAgain], None] = _unheard,
) -> T:
    """Make an attempt until it succeeds, fails for good, or there is no time for another.

    Args: attempt: raises TryAgain for what is worth repeating; anything else ends it. on_repeat:
        told of each failure that is followed by another attempt.
    Raises: TryAgain's failure; DeadlineExceeded (504); whatever else `attempt` raises.
    """
    for number in range(ATTEMPTS):
        try:
            return await attempt()
        except TryAgain as again:
            pause = FIRST_PAUSE_SECONDS * 2**number
            pause *= 1 + random.random() / 2
            pause = max(pause, again.after_seconds or 0)
            longest = min(LONGEST_PAUSE_SECONDS, deadline.remaining_seconds())
            if number + 1 == ATTEMPTS or pause >= longest:
                raise again.failure from again
            on_repeat(again)
            await asyncio.sleep(pause)
    raise AssertionError("unreachable: the last attempt returns or raises")
