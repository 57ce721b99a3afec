"""Request count: all that reaches this process, so that what an edge refuses is seen not to."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from chat_gateway.api.middleware.origin import PROBES


class RequestCountMiddleware:
    """Counts every request but the probes, before anybody can refuse it."""

    def __init__(self, app: ASGIApp, count: Callable[[], None]) -> None:
        self._app = app
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count and pass on."""
        if scope["type"] == "http" and scope["path"] not in PROBES:
            self._count()
        await self._app(scope, receive, send)
