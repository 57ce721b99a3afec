"""Spans of this service: callers say what happens, the names are here and in genai.py.

Only this module and agent/tracing.py know OpenTelemetry. Nothing here holds what a person or the
model said. With tracing off a span costs a context lookup.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind, StatusCode
from servicekit.problems import Problem

from chat_gateway import genai

_tracer = trace.get_tracer("chat_gateway")


def failure_type(error: BaseException) -> str:
    """Name a failure for `error.type`: a problem's code, or the class of anything else."""
    return error.code if isinstance(error, Problem) else type(error).__qualname__


@contextmanager
def _span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Mapping[str, str | int] | None = None,
) -> Iterator[Span]:
    with _tracer.start_as_current_span(
        name,
        kind=kind,
        attributes=attributes,
        # An exception's text may quote the person, the model or a row.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except BaseException as error:
            span.set_attribute(genai.ERROR_TYPE, failure_type(error))
            span.set_status(StatusCode.ERROR)
            raise


@contextmanager
def turn_span(turn_id: UUID, conversation_id: UUID, attempt: int) -> Iterator[None]:
    """One attempt at a turn. Args: attempt: 1 for the first."""
    attributes: dict[str, str | int] = {
        "taskchat.turn.id": str(turn_id),
        "taskchat.turn.attempt": attempt,
        genai.CONVERSATION_ID: str(conversation_id),
    }
    with _span("turn", attributes=attributes):
        yield


@contextmanager
def step_span(name: str) -> Iterator[None]:
    """One of law 7's steps. Args: name: e.g. `open`; the span is `turn.open`."""
    with _span(f"turn.{name}"):
        yield


@contextmanager
def agent_span(agent: str, model: str, conversation_id: UUID) -> Iterator[None]:
    """One run of the agent; the model and tool spans stand under it."""
    attributes = {
        genai.OPERATION_NAME: genai.INVOKE_AGENT,
        genai.PROVIDER_NAME: genai.GEMINI,
        genai.AGENT_NAME: agent,
        genai.REQUEST_MODEL: model,
        genai.CONVERSATION_ID: str(conversation_id),
    }
    with _span(f"{genai.INVOKE_AGENT} {agent}", attributes=attributes):
        yield


@dataclass(frozen=True, slots=True)
class McpSpan:
    """A request to mcp-tools that is under way."""

    _span: Span

    def answered(self, status: int) -> None:
        """Note the HTTP status of the answer."""
        self._span.set_attribute(genai.STATUS_CODE, status)


@contextmanager
def mcp_span(method: str, tool: str | None, *, protocol_version: str) -> Iterator[McpSpan]:
    """One request to mcp-tools. Args: tool: for `tools/call`, the name of the tool."""
    attributes: dict[str, str | int] = {
        genai.MCP_METHOD: method,
        genai.MCP_PROTOCOL_VERSION: protocol_version,
    }
    if tool is not None:
        attributes[genai.TOOL_NAME] = tool
    name = method if tool is None else f"{method} {tool}"
    with _span(name, SpanKind.CLIENT, attributes) as span:
        yield McpSpan(span)


def trace_headers() -> dict[str, str]:
    """The W3C trace context of the current span as headers; empty without a trace."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    return headers
