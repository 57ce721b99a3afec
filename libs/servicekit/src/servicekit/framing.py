"""What uvicorn lets through although it could be read in two ways, or is too much.

h11 counts only headers that come in pieces, reads a body by its chunks where a length is given too,
and hands on the target of a request as it stands, in absolute form with scheme and host.
"""

import re
from typing import Final
from urllib.parse import unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from servicekit.problems import HeadersTooLarge, MalformedRequest, Problem, send_problem

MAX_HEADER_BYTES: Final = 16_384  # a 4 KiB token, an Origin and what proxies add
_CLOSE: Final = {"Connection": "close"}
_ABSOLUTE: Final = re.compile(rb"https?://([^/?#@]+)(/.*|)", re.IGNORECASE | re.DOTALL)


class FramingMiddleware:
    """Stands around everything: the application sees one length, a path, and few headers.

    Args: max_header_bytes: of target and headers together.
    """

    def __init__(self, app: ASGIApp, max_header_bytes: int = MAX_HEADER_BYTES) -> None:
        self._app = app
        self._max_header_bytes = max_header_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse with 400 or 431, or pass on."""
        if scope["type"] == "http":
            if (problem := self._problem(scope)) is not None:
                await send_problem(problem, scope, receive, send)
                return
            scope = _in_origin_form(scope)
        await self._app(scope, receive, send)

    def _problem(self, scope: Scope) -> Problem | None:
        headers = scope["headers"]
        size = sum(len(name) + len(value) for name, value in headers)
        if size + len(scope["raw_path"]) + len(scope["query_string"]) > self._max_header_bytes:
            return HeadersTooLarge(
                f"All headers together may have {self._max_header_bytes} bytes.", headers=_CLOSE
            )
        # RFC 9112 section 6.3: it might be an attempt at request smuggling.
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in headers}:
            return MalformedRequest("Send a Content-Length or chunks, not both.", headers=_CLOSE)
        return None


def _in_origin_form(scope: Scope) -> Scope:
    """A target in absolute form as path and Host. Source: RFC 9112 sections 3.2.2 and 3.3."""
    target = _ABSOLUTE.fullmatch(scope["raw_path"])
    if target is None:
        return scope
    host, raw_path = target[1], target[2] or b"/"
    others = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return {
        **scope,
        "raw_path": raw_path,
        "path": unquote(raw_path.decode("ascii")),
        "headers": [(b"host", host), *others],
    }
