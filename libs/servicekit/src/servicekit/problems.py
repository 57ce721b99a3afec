"""Problems: every error answer is RFC 9457 `application/problem+json`, rendered here.

    Problem
    ├── Unauthenticated       401  token missing or refused
    ├── WrongUser             403  path user ≠ token subject
    ├── NotFound              404  no such path
    ├── MethodNotAllowed      405  not this method
    ├── InvalidRequest        422  fields, with pointers
    ├── MalformedJson         400  body is not JSON
    ├── MalformedRequest      400  a request that can be read in two ways
    ├── HeadersTooLarge       431  more headers than anybody needs
    ├── InternalError         500  a bug; nothing of the exception is shown
    ├── AuthUnavailable       503  no signing key was ever loaded
    ├── DatabaseUnavailable   503  connection trouble, a timeout, a full or stopping server
    └── NotReady              503  /readyz before start-up is done, or while draining

A service draws its own classes under `Problem` in its `errors.py`: one per row of the contract.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Final, TypedDict

from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import (
    HTTPException,  # noqa: TID251 - rendered here, never raised
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from servicekit.telemetry.trace_context import request_trace_id, tell_server_span

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:taskchat:problem:"
_ANSWER_KEY: Final = "_servicekit_problem"


class FieldError(TypedDict):
    """One wrong field: an RFC 6901 JSON pointer into the body, and words for people."""

    pointer: str
    message: str


class Problem(Exception):
    """An expected failure, with the status, code and words that its reader gets.

    Args: detail: what happened and what to do next; never content, SQL or a token.
        retry_after_seconds: > 0, becomes `Retry-After` (whole seconds, rounded up).
        errors: the wrong fields of a 422. headers: further response headers.

    Attributes:
        members: further members of the body (RFC 9457 section 3.2), JSON values by name.
    """

    status: int = 500
    code: str = "internal_error"
    title: str = "Internal error"
    retry_after_seconds: float | None = None

    def __init__(
        self,
        detail: str | None = None,
        *,
        retry_after_seconds: float | None = None,
        errors: Sequence[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = list(errors) if errors is not None else None
        self.headers = dict(headers or {})
        self.members: dict[str, object] = {}
        if retry_after_seconds is not None:
            self.retry_after_seconds = retry_after_seconds


class Unauthenticated(Problem):
    """The bearer token is missing or refused. Source: RFC 6750 section 3 (`WWW-Authenticate`)."""

    status, code, title = 401, "unauthenticated", "Authentication required"

    def __init__(self, detail: str | None = None, *, token_sent: bool = True) -> None:
        challenge = 'Bearer error="invalid_token"' if token_sent else "Bearer"
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class WrongUser(Problem):
    """The path names another user than the token does."""

    status, code, title = 403, "wrong_user", "Not your resource"


class NotFound(Problem):
    """No such path."""

    status, code, title = 404, "not_found", "Not found"


class MethodNotAllowed(Problem):
    """The path exists, but not with this method; `Allow` names those that do."""

    status, code, title = 405, "method_not_allowed", "Method not allowed"


class MalformedJson(Problem):
    """The body is not JSON, or not an object."""

    status, code, title = 400, "malformed_json", "Malformed JSON"


class InvalidRequest(Problem):
    """Fields are missing or wrong; `errors` says which."""

    status, code, title = 422, "invalid_request", "Invalid request"


class MalformedRequest(Problem):
    """The request can be read in two ways."""

    status, code, title = 400, "malformed_request", "Malformed request"


class HeadersTooLarge(Problem):
    """Target and headers are over 16 KiB."""

    status, code, title = 431, "headers_too_large", "Headers too large"


class InternalError(Problem):
    """A bug of ours. The trace id finds the log line; the answer shows nothing of the exception."""


class AuthUnavailable(Problem):
    """No signing key was ever loaded, so no token can be judged."""

    status, code, title = 503, "auth_unavailable", "Authentication unavailable"
    retry_after_seconds = 10.0


class DatabaseUnavailable(Problem):
    """The database cannot be reached or has no time for us; the transaction did nothing."""

    status, code, title = 503, "database_unavailable", "Database unavailable"
    retry_after_seconds = 2.0


class NotReady(Problem):
    """The process is starting or draining."""

    status, code, title = 503, "not_ready", "Not ready"
    retry_after_seconds = 1.0


def answer_bug_with(bug: Exception, answer: InternalError) -> None:
    """Note on an error that nobody expected how its reader is answered; it stays a bug.

    Args: answer: shows nothing of the error.
    """
    bug.__dict__[_ANSWER_KEY] = answer


def answer_to(bug: BaseException) -> Problem:
    """How the reader of an error that nobody expected is answered."""
    noted: Problem | None = bug.__dict__.get(_ANSWER_KEY)
    return noted or InternalError("Something went wrong on our side.")


def problem_response(
    problem: Problem, *, instance: str | None, trace_id: str | None = None
) -> Response:
    """Render a problem.

    Args: instance: the request's path. trace_id: 32 hex digits; default: the current span's.
    Source: RFC 9457 section 3.1; contract.md "Errors".
    """
    body: dict[str, object] = {
        "type": f"{TYPE_PREFIX}{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
    }
    if problem.detail is not None:
        body["detail"] = problem.detail
    if instance is not None:
        body["instance"] = instance
    if problem.errors is not None:
        body["errors"] = problem.errors
    body |= problem.members
    trace_id = trace_id or request_trace_id(None)
    if trace_id is not None:
        body["trace_id"] = trace_id
    headers = dict(problem.headers)
    if problem.retry_after_seconds is not None:
        # RFC 9110 section 10.2.3: whole seconds. 0 would invite a hot loop.
        headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after_seconds)))
    return Response(
        json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
        status_code=problem.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


async def send_problem(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a problem from an ASGI middleware, where no exception handler is above."""
    tell_server_span(scope, problem)
    response = problem_response(
        problem, instance=scope.get("path"), trace_id=request_trace_id(scope)
    )
    await response(scope, receive, send)


def _pointer(location: Sequence[str | int]) -> str:
    """Turn pydantic's location into a JSON pointer; a body's fields begin at its root."""
    parts = [str(part) for part in location]
    if parts and parts[0] == "body":
        parts = parts[1:]
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)


def field_errors(error: RequestValidationError) -> list[FieldError]:
    """Name each wrong field, without echoing what was sent."""
    return [
        {"pointer": _pointer(item["loc"]), "message": str(item["msg"])} for item in error.errors()
    ]


def _from_validation(error: RequestValidationError) -> Problem:
    if any(item["type"] == "json_invalid" for item in error.errors()):
        return MalformedJson("The body is not valid JSON.")
    return InvalidRequest("Some fields are missing or wrong.", errors=field_errors(error))


def _from_http_exception(error: HTTPException) -> Problem:
    headers = dict(error.headers or {})
    if error.status_code == NotFound.status:
        return NotFound("No such path.", headers=headers)
    if error.status_code == MethodNotAllowed.status:
        return MethodNotAllowed("This path does not take this method.", headers=headers)
    if error.status_code == MalformedJson.status:
        return MalformedJson("The body could not be read.", headers=headers)
    problem = Problem(error.detail or None, headers=headers)
    # A status that only the framework knows: no class of ours has it.
    problem.status = error.status_code
    problem.code, problem.title = f"http_{error.status_code}", "Request refused"
    return problem


def install_problem_handlers(app: Starlette) -> None:
    """Make every failure of the app a problem: ours, validation, routing, and bugs (500)."""

    def respond(problem: Problem, request: Request) -> Response:
        trace_id = request_trace_id(request.scope)
        return problem_response(problem, instance=request.url.path, trace_id=trace_id)

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        tell_server_span(request.scope, error)
        return respond(error, request)

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return respond(_from_validation(error), request)

    async def on_http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return respond(_from_http_exception(error), request)

    async def on_bug(request: Request, error: Exception) -> Response:
        return respond(answer_to(error), request)

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(Exception, on_bug)
