"""Spans of this service, by the OpenTelemetry conventions for MCP and GenAI.

| span | kind | parent |
| --- | --- | --- |
| `POST /mcp` | server | the gateway's `traceparent`, if it is the gateway's; none without one |
| `tools/call <tool>`, `tools/list`, … | server | `POST /mcp`, if there is one |

The gateway's trace goes on: it proves that a request is its own. What anybody else sends of a
trace, in the header or in `_meta`, is linked, and theirs begins here (ADR 0036).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode
from servicekit.telemetry.asgi import TelemetryMiddleware, links_to
from servicekit.telemetry.failures import record_failure
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_tools.metrics import OK
from mcp_tools.proof import is_the_gateways

_tracer = trace.get_tracer("mcp_tools")
_CONTEXT_MEMBERS: Final = ("traceparent", "tracestate")


class TracedByHeader:
    """Opens the HTTP server span for requests that bring a trace in their headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._traced = TelemetryMiddleware(app, continues=is_the_gateways)

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
        links=links_to(_theirs(meta)),
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


def _theirs(meta: Mapping[str, object]) -> Context:
    """What `_meta` says of a trace, where no header has said it before."""
    if trace.get_current_span().get_span_context().is_valid:
        return Context()
    carrier = {name: value for name in _CONTEXT_MEMBERS if isinstance(value := meta.get(name), str)}
    return propagate.extract(carrier, Context())
