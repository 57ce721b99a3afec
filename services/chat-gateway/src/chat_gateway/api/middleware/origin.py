"""Origin: exactly one, byte for byte on the list, before anything else is looked at.

It also speaks CORS for the listed origins, since whoever enforces a list must be the one that
publishes it. Nobody else learns anything but 403.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Final

from servicekit.people.doors import INTERNAL
from servicekit.problems import send_problem
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat_gateway.errors import OriginNotAllowed

#: Asked by the kubelet and by load balancers, which are no browsers; they answer no user's data.
PROBES: Final = frozenset({"/healthz", "/readyz"})
ALLOWED_HEADERS: Final = "authorization, content-type, idempotency-key, time-zone, traceparent"
EXPOSED_HEADERS: Final = "idempotency-replayed, retry-after"
PREFLIGHT_SECONDS: Final = 600


class OriginMiddleware:
    """Refuses every request whose Origin is not on the list; answers preflights of those that are.

    Args: allowed_origins: serialized (RFC 6454 section 6.2), at least one. refused: told of each
        request that was refused.
    Raises: ValueError: an empty list, which would refuse everybody.
    Source: contract.md "The endpoint"; Fetch standard, "CORS protocol".
    """

    def __init__(
        self, app: ASGIApp, allowed_origins: Iterable[str], refused: Callable[[], None]
    ) -> None:
        self._app = app
        self._refused = refused
        self._allowed = {origin.encode("ascii"): origin for origin in allowed_origins}
        if not self._allowed:
            raise ValueError("allowed_origins must not be empty")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, answer a preflight, or pass on."""
        if scope["type"] != "http" or scope["path"] in PROBES or _is_of_auth(scope):
            await self._app(scope, receive, send)
            return
        origin = self._allowed_origin(scope)
        if origin is None:
            self._refused()
            await send_problem(OriginNotAllowed(), scope, receive, send)
        elif self._is_preflight(scope):
            await _preflight_answer(origin)(scope, receive, send)
        else:
            await self._app(scope, receive, _with_cors(send, origin))

    def _allowed_origin(self, scope: Scope) -> str | None:
        sent = [value for name, value in scope["headers"] if name == b"origin"]
        return self._allowed.get(sent[0]) if len(sent) == 1 else None

    @staticmethod
    def _is_preflight(scope: Scope) -> bool:
        asks = "access-control-request-method" in Headers(scope=scope)
        return scope["method"] == "OPTIONS" and asks


def _is_of_auth(scope: Scope) -> bool:
    """auth's doors: no page has a token for them, and what is no page sends no Origin."""
    return scope["path"].startswith(INTERNAL) and "origin" not in Headers(scope=scope)


def _preflight_answer(origin: str) -> Response:
    return Response(
        status_code=HTTPStatus.NO_CONTENT,
        headers={
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": ALLOWED_HEADERS,
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            "Vary": "Origin",
        },
    )


def _with_cors(send: Send, origin: str) -> Send:
    async def send_with_cors(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
            headers.add_vary_header("Origin")
        await send(message)

    return send_with_cors
