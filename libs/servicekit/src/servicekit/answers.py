"""Answers: what is said to one person is kept by no cache, and read as nothing but what it is."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CACHE: Final = "cache-control"
_NO_STORE: Final = "no-store"


class PrivateAnswersMiddleware:
    """Sets `Cache-Control: no-store` and `X-Content-Type-Options: nosniff` on every answer.

    An answer that says `no-store` itself, and maybe more, keeps its words.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with a `send` that adds them."""

        async def send_private(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if _NO_STORE not in headers.get(_CACHE, ""):
                    headers[_CACHE] = _NO_STORE
                headers["x-content-type-options"] = "nosniff"
            await send(message)

        await self._app(scope, receive, send_private if scope["type"] == "http" else send)
