"""What an HTTP request must be before the protocol sees it, and every refusal as a problem.

FastMCP and the SDK read `Host` and `Content-Type` by their beginning, and refuse in plain text.
Errors of the protocol are JSON-RPC and stay what they are, whatever their status.
"""

import re
from http import HTTPStatus
from typing import Final

from servicekit.media_type import is_plain_json
from servicekit.problems import Problem, Unauthenticated, send_problem
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mcp_tools.identity import MCP_PATH

_REFUSALS: Final = "taskchat.refusals"
_HOST: Final = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{0,5})?")


class BodyTooLarge(Problem):
    """The body is over the limit."""

    status, code, title = 413, "body_too_large", "Body too large"


class UnsupportedMediaType(Problem):
    """The body is not declared as plain JSON in UTF-8."""

    status, code, title = 415, "unsupported_media_type", "Unsupported media type"


class MisdirectedRequest(Problem):
    """The host is not served here."""

    status, code, title = 421, "misdirected_request", "Misdirected request"


class OriginNotAllowed(Problem):
    """A page of somewhere else."""

    status, code, title = 403, "origin_not_allowed", "Origin not allowed"


_PROBLEMS: Final[dict[int, tuple[type[Problem], str]]] = {
    403: (OriginNotAllowed, "Pages of other origins may not call this service."),
    413: (BodyTooLarge, "The body is too large; no call of a tool needs that much."),
    421: (MisdirectedRequest, "This service is not called by this name. Set ALLOWED_HOSTS."),
}


def refuse_request(scope: Scope, refusal: Unauthenticated) -> None:
    """Let a refusal be the answer to a whole request, in the place of what the protocol says."""
    scope[_REFUSALS].append(refusal)


class ProblemsOnly:
    """Stands around everything: hosts are read whole, and no refusal leaves as plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a host that only begins as one, or pass on and translate what is refused there."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1 or _HOST.fullmatch(hosts[0]) is None:
            await send_problem(_problem(MisdirectedRequest.status), scope, receive, send)
            return
        if scope["path"] == f"{MCP_PATH}/":
            # Some clients are set up with it; a redirect would name http where TLS ends before us.
            scope = {**scope, "path": MCP_PATH, "raw_path": MCP_PATH.encode()}
        refused: Problem | None = None
        scope[_REFUSALS] = refusals = list[Problem]()

        async def send_problems(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start":
                refused = refusals[0] if refusals else _plain_refusal(message)
            if refused is None:
                await send(message)
            elif not message.get("more_body", message["type"] == "http.response.start"):
                await send_problem(refused, scope, receive, send)

        await self._app(scope, receive, send_problems)


class JsonOnly:
    """Refuses bodies for tools that are not plain JSON: 415."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        called = scope["type"] == "http" and (scope["method"], scope["path"]) == ("POST", MCP_PATH)
        if called and not is_plain_json(Headers(scope=scope)):
            problem = UnsupportedMediaType("Send application/json in UTF-8, without a coding.")
            await send_problem(problem, scope, receive, send)
            return
        await self._app(scope, receive, send)


def _plain_refusal(start: Message) -> Problem | None:
    """The problem for an answer that refuses in plain text, or in no words at all."""
    headers = Headers(raw=start.get("headers", []))
    if start["status"] < 400 or "json" in headers.get("content-type", ""):
        return None
    kept = {name: headers[name] for name in ("allow", "www-authenticate") if name in headers}
    return _problem(start["status"], kept)


def _problem(status: int, headers: dict[str, str] | None = None) -> Problem:
    kind, detail = _PROBLEMS.get(status, (Problem, None))
    problem = kind(detail, headers=headers)
    if kind is Problem:
        # A status that only FastMCP knows: no class of ours has it.
        problem.status, problem.title = status, HTTPStatus(status).phrase
        problem.code = f"http_{status}"
    return problem
