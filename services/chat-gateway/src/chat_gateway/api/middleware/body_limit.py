"""Body limit: nobody makes us hold more than 128 KiB, whatever Content-Length says."""

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat_gateway.errors import BodyTooLarge

#: Source: contract.md "Errors", `body_too_large`. The longest message, 8,000 characters, has 96,000
#: bytes where each is escaped as two halves (`\\ud83e\\udd86`).
MAX_BODY_BYTES: Final = 131_072
#: A connection that is closed on unread bytes is reset, and the reset overtakes the 413. So what
#: comes is thrown away for a moment (as nginx's lingering_close does), but not for ever.
DISCARD_BYTES: Final = 4 * 1024 * 1024
DISCARD_SECONDS: Final = 2.0
#: int() of a number without end would be slow, and Python refuses it.
MAX_LENGTH_DIGITS: Final = 20


class BodyLimitMiddleware:
    """Raises when a body is read that is too large; a body that nobody reads costs nothing.

    So a stranger with a large body is still told 401 or 403. It stands inside the handlers that
    render problems.

    Raises: BodyTooLarge (413), out of `receive`.
    """

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with a `receive` that counts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = _announced_bytes(Headers(scope=scope))
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if max(announced, received) > self._max_bytes:
                if message.get("more_body", False):
                    await _discard(receive)
                raise BodyTooLarge()
            return message

        await self._app(scope, receive_within_limit, send)


def _announced_bytes(headers: Headers) -> int:
    """What Content-Length says; 0 without one, since what comes is counted anyway."""
    length = headers.get("content-length", "")
    return int(length[:MAX_LENGTH_DIGITS]) if length.isdecimal() else 0


async def _discard(receive: Receive) -> None:
    """Throw the rest of a body away, as far as it comes soon and is not endless."""
    discarded = 0
    scope = asyncio.timeout(DISCARD_SECONDS)
    try:
        async with scope:
            while discarded < DISCARD_BYTES:
                message = await receive()
                discarded += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        if not scope.expired():
            raise
