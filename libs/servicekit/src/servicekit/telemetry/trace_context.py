"""Which trace we are in, for logs, problems and recorded rows."""

from collections.abc import MutableMapping
from typing import Any, Final

from opentelemetry import trace

SCOPE_KEY = "servicekit.trace_id"
"""Where the server span leaves its trace id in the ASGI scope, for handlers that run after it."""

FAILURE_KEY: Final = "servicekit.failed"
"""Where the server span leaves, in the ASGI scope, what is to be told of a failed request."""

_ERROR_KEY: Final = "_servicekit_trace_ids"


def current_trace_ids() -> tuple[str, str] | None:
    """Return (trace id, 32 hex digits; span id, 16 hex digits) of the current span, if any."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"{context.trace_id:032x}", f"{context.span_id:016x}"


def remember_trace(error: BaseException) -> None:
    """Note on an error in which trace it left our code: uvicorn logs it after the span's end."""
    ids = current_trace_ids()
    if ids is not None:
        error.__dict__.setdefault(_ERROR_KEY, ids)


def remembered_trace_ids(error: BaseException) -> tuple[str, str] | None:
    """Return the ids that `remember_trace` noted, if it did."""
    ids: tuple[str, str] | None = error.__dict__.get(_ERROR_KEY)
    return ids


def current_trace_id() -> str | None:
    """Return the current trace's id, 32 hex digits, if there is a trace."""
    ids = current_trace_ids()
    return ids[0] if ids else None


def tell_server_span(scope: MutableMapping[str, Any], error: BaseException) -> None:
    """Say on a request's server span, if it has one, with what failure it will be answered."""
    tell = scope.get(FAILURE_KEY)
    if callable(tell):
        tell(error)


def request_trace_id(scope: MutableMapping[str, Any] | None) -> str | None:
    """Return the trace id of a request: the current span's, or what its server span left behind."""
    trace_id = current_trace_id()
    if trace_id is None and scope is not None:
        left_behind = scope.get(SCOPE_KEY)
        return left_behind if isinstance(left_behind, str) else None
    return trace_id
