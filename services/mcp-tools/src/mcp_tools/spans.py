"""Spans of this service, by the OpenTelemetry conventions for MCP and GenAI.

| span | kind | parent |
| --- | --- | --- |
| `POST /mcp` | server | the request's `traceparent` header; without one there is no such span |
| `tools/call <tool>`, `tools/list`, … | server | `POST /mcp`, or else `traceparent` in `_meta` |

A client may hand its trace on in the header or in `_meta`. A span that is opened before the body
is read knows only of the header; opened without it, it would be the root of a second trace.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode
from servicekit.telemetry.asgi import TelemetryMiddleware
from servicekit.telemetry.failures import record_failure
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_tools.metrics import OK

_tracer = trace.get_tracer("mcp_tools")
_CONTEXT_MEMBERS: Final = ("traceparent", "tracestate")


class TracedByHeader:
    """Opens the HTTP server span for requests that bring a trace in their headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._traced = TelemetryMiddleware(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, inside a span when it belongs to a trace."""
        has_trace = any(name == b"traceparent" for name, _ in scope.get("headers", ()))
        await (self._traced if has_trace else self._app)(scope, receive, send)


@contextmanager
def request_span(
    method: str, protocol_version: str, tool: str | None, meta: Mapping[str, object]
) -> Iterator[None]:
    """Open the span of one MCP request.

    Args: method: e.g. `tools/call`. tool: one of ours, else None. meta: the request's `_meta`.
    """
    attributes = {"mcp.method.name": method, "mcp.protocol.version": protocol_version}
    if tool is not None:
        attributes |= {"gen_ai.tool.name": tool, "gen_ai.operation.name": "execute_tool"}
    with _tracer.start_as_current_span(
        f"{method} {tool}" if tool else method,
        context=_parent(meta),
        kind=SpanKind.SERVER,
        attributes=attributes,
        # An exception's text may quote what was sent: neither event nor status may hold it.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except BaseException as error:
            record_failure(span, error)
            raise


def tool_call_broke(error: Exception) -> None:
    """Leave a bug on the current span, since its caller is told no more than `unavailable`."""
    record_failure(trace.get_current_span(), error)


def tool_call_ended(outcome: str, *, replayed: bool, call_id: str) -> None:
    """Say on the current span how a tool call ended. Args: outcome: `ok` or the error's code."""
    span = trace.get_current_span()
    if not span.is_recording():
        return
    span.set_attribute("taskchat.tool_call.id", call_id)
    span.set_attribute("taskchat.tool_call.replayed", replayed)
    if outcome != OK:
        span.set_attribute("error.type", outcome)
        span.set_status(StatusCode.ERROR)


def _parent(meta: Mapping[str, object]) -> Context | None:
    """None: the current span, if there is one."""
    if trace.get_current_span().get_span_context().is_valid:
        return None
    carrier = {name: value for name in _CONTEXT_MEMBERS if isinstance(value := meta.get(name), str)}
    return propagate.extract(carrier) if carrier else None
