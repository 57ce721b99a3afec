"""Waiting for a state instead of sleeping for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Seen = TypeVar("Seen")

POLL_SECONDS = 0.02
LIMIT_SECONDS = 60.0
"""A green run never waits so long; a busy machine needed more than 10 s to start one process."""


async def wait_until(
    state: str,
    look: Callable[[], Awaitable[Seen]],
    limit_seconds: float = LIMIT_SECONDS,
    *,
    every_seconds: float = POLL_SECONDS,
) -> Seen:
    """Look again and again until what is seen is true.

    Args: state: what is waited for, as the sentence that a failure shows. look: returns something
        true when the state is reached. limit_seconds: > 0; how long the state may take.
        every_seconds: pause between two looks, longer where a look costs something.
    Returns: what the last look returned.
    Raises: AssertionError: the state was not reached in time; names it and what was seen last.
    """
    end = time.monotonic() + limit_seconds
    while True:
        seen = await look()
        if seen:
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit_seconds} s: {state} (last seen: {seen!r})")
        await asyncio.sleep(every_seconds)
