"""In flight: what runs at this moment, waited for when the process stops.

The middleware keeps what a request holds until its answer is written, or its turn has ended without
a reader; who may have how much is decided once the person is known (turns/shares.py).
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from chat_gateway.api.middleware.origin import PROBES

_HELD: Final = "chat_gateway.held"


class InFlight:
    """How many requests run at this moment; it remembers none that has ended."""

    def __init__(self) -> None:
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count the block as a request in flight."""
        self._count += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._count -= 1
            if self._count == 0:
                self._idle.set()

    async def ended(self) -> None:
        """Wait until none is in flight."""
        await self._idle.wait()


class InFlightMiddleware:
    """Counts requests, and closes what they held when they have ended."""

    def __init__(self, app: ASGIApp, in_flight: InFlight) -> None:
        self._app = app
        self._in_flight = in_flight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        with self._in_flight.counted(), ExitStack() as held:
            scope[_HELD] = held
            await self._app(scope, receive, send)


def held_by(scope: Scope) -> ExitStack:
    """What a request holds until it has ended, its turn included."""
    held = scope[_HELD]
    assert isinstance(held, ExitStack)
    return held
