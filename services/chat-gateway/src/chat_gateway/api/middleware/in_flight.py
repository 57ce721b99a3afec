"""In flight: at most so many requests at once, then 503 at once instead of all of them slowly."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from servicekit.problems import send_problem
from starlette.types import ASGIApp, Receive, Scope, Send

from chat_gateway.api.middleware.origin import PROBES
from chat_gateway.errors import Overloaded


class InFlight:
    """How many requests run at this moment; it remembers none that has ended.

    A turn whose client went away counts until it has ended.

    Args: limit: ≥ 1. Raises: ValueError: a limit that would refuse everybody.
    """

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError("limit must be at least 1")
        self._limit = limit
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def full(self) -> bool:
        """Whether one more would be too many."""
        return self._count >= self._limit

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
    """Refuses requests over the limit. Source: contract.md "Errors", `overloaded`.

    Args: refused: told the problem's code of each request that was refused.
    """

    def __init__(self, app: ASGIApp, in_flight: InFlight, refused: Callable[[str], None]) -> None:
        self._app = app
        self._in_flight = in_flight
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        if self._in_flight.full:
            self._refused(Overloaded.code)
            await send_problem(Overloaded(), scope, receive, send)
            return
        with self._in_flight.counted():
            await self._app(scope, receive, send)
