"""Turned away: who was refused too often within a second is, for the rest of it, not listened to.

Each 429 costs a verified token, a route, a log line: half a millisecond and more, which everybody
in this process waits for. An answer from here costs a tenth of that, and no body is read for it. It
comes when the second is over, so that who asks again at once asks once a second for each of their
connections. Only a few of a person's requests wait so; the rest are answered and closed, since
connections that are busy are everybody's too (`servicekit.connections`).
What is known of a person is what they were answered within a second, and goes with it: a process
that forgets it refuses ten times more (law 6).
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from servicekit.problems import send_problem
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat_gateway.errors import RateLimited

MOST_REFUSALS: Final = 10
"""Of one person within a second. `Retry-After` asks for one; all tabs of a page send few more."""
SECONDS: Final = 1.0
MOST_WAITING: Final = 16
"""Of one person: as many requests as the usual share lets them have at once."""


@dataclass(slots=True)
class _Refused:
    """A path that was answered 429. authorizations: with which; each was verified for that.

    waiting: requests for whose answer the second is waited for.
    """

    since: float
    authorizations: list[bytes] = field(default_factory=list)
    waiting: int = 0


class TurnedAwayMiddleware:
    """Answers 429 `rate_limited` to whoever was just answered 429 so often.

    It counts by path, which is a person's, and turns away with an Authorization header that was
    good for it: to anybody else the path says what it always does.

    Args: turned_away: told of each request that was.
    """

    def __init__(self, app: ASGIApp, turned_away: Callable[[], None]) -> None:
        self._app = app
        self._turned_away = turned_away
        self._refused: dict[str, _Refused] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on and see what becomes of it."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        path, authorization = scope["path"], _authorization(scope)
        refused = self._turning_away(path, authorization)
        if refused is not None:
            self._turned_away()
            problem = RateLimited("You were refused many times within a second. Wait for one.")
            if not await _waited(refused):
                problem.headers["Connection"] = "close"
            await send_problem(problem, scope, receive, send)
            return

        async def send_and_note(message: Message) -> None:
            if message.get("status") == HTTPStatus.TOO_MANY_REQUESTS:
                self._note(path, authorization)
            await send(message)

        await self._app(scope, receive, send_and_note)

    def _turning_away(self, path: str, authorization: bytes) -> _Refused | None:
        refused = self._refused.get(path)
        if refused is None or len(refused.authorizations) < MOST_REFUSALS:
            return None
        if refused.since < time.monotonic() - SECONDS:
            return None
        return refused if authorization in refused.authorizations else None

    def _note(self, path: str, authorization: bytes) -> None:
        now = time.monotonic()
        # They stand in the order in which they began: nothing is kept for longer than its second.
        while self._refused:
            oldest = next(iter(self._refused))
            if self._refused[oldest].since >= now - SECONDS:
                break
            del self._refused[oldest]
        self._refused.setdefault(path, _Refused(now)).authorizations.append(authorization)


async def _waited(refused: _Refused) -> bool:
    """Wait for the end of the second, if not too many of the person do."""
    if refused.waiting >= MOST_WAITING:
        return False
    refused.waiting += 1
    try:
        await asyncio.sleep(max(0.0, refused.since + SECONDS - time.monotonic()))
    finally:
        refused.waiting -= 1
    return True


def _authorization(scope: Scope) -> bytes:
    """Empty if there is none, or not one: no such request is answered 429."""
    sent = [value for name, value in scope["headers"] if name == b"authorization"]
    return sent[0] if len(sent) == 1 else b""
