"""Waiting for a state, with a limit that names it."""

import asyncio
from collections.abc import Awaitable, Callable

LIMIT_SECONDS = 60.0
POLL_SECONDS = 0.01


async def wait_until(what: str, holds: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again until a state is there.

    Args: what: the state, for the message.
    """
    deadline = asyncio.get_running_loop().time() + LIMIT_SECONDS
    while not await holds():
        assert asyncio.get_running_loop().time() < deadline, f"waited in vain until {what}"
        await asyncio.sleep(POLL_SECONDS)
