"""Requests that a hang holds, until a test lets them go or their client goes away."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.requests import Request


@dataclass(eq=False)
class _Held:
    user_message: str
    released: asyncio.Event = field(default_factory=asyncio.Event)


class HeldRequests:
    """The requests held now."""

    def __init__(self) -> None:
        self._held: set[_Held] = set()

    def count(self, match: str | None = None) -> int:
        """How many are held, of those whose user message contains `match`."""
        return len(self._matching(match))

    def release(self, match: str | None = None) -> int:
        """Let them go on; returns how many."""
        held = self._matching(match)
        for one in held:
            one.released.set()
            self._held.discard(one)
        return len(held)

    async def hold(self, request: Request, user_message: str) -> bool:
        """Hold a request that has no response yet.

        Returns: True when it was released, False when its client is gone.
        """
        with self._holding(user_message) as held:
            released = asyncio.ensure_future(held.released.wait())
            gone = asyncio.ensure_future(_disconnected(request))
            try:
                await asyncio.wait({released, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                released.cancel()
                gone.cancel()
            return held.released.is_set()

    async def hold_stream(self, user_message: str) -> None:
        """Hold a response that has begun; Starlette cancels it when its client is gone."""
        with self._holding(user_message) as held:
            await held.released.wait()

    @contextmanager
    def _holding(self, user_message: str) -> Iterator[_Held]:
        held = _Held(user_message)
        self._held.add(held)
        try:
            yield held
        finally:
            self._held.discard(held)

    def _matching(self, match: str | None) -> list[_Held]:
        return [one for one in self._held if match is None or match in one.user_message]


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
