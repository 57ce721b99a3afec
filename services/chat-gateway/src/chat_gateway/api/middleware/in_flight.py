"""In flight: at most so many requests at once, then 503 at once instead of all of them slowly."""

from servicekit.problems import send_problem
from starlette.types import ASGIApp, Receive, Scope, Send

from chat_gateway.api.middleware.origin import PROBES
from chat_gateway.errors import Overloaded


class InFlightMiddleware:
    """Refuses requests over the limit. The count is of this moment: it remembers no request.

    A turn whose client went away counts until it has ended.

    Args: limit: ≥ 1. Raises: ValueError: a limit that would refuse everybody.
    Source: contract.md "Errors", `overloaded`.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        if limit < 1:
            raise ValueError("limit must be at least 1")
        self._app = app
        self._limit = limit
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        if self._in_flight >= self._limit:
            await send_problem(Overloaded(), scope, receive, send)
            return
        self._in_flight += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_flight -= 1
