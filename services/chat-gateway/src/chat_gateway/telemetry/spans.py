"""Spans of this service: callers say what happens, the names are here and in genai.py.

Only this module and model_spans.py know OpenTelemetry. What a person, the model or a tool said is
on a span only as contents.py lets it through, so by default nowhere. With tracing off a span costs
a context lookup.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from opentelemetry import propagate, trace
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
)
from servicekit.telemetry.failures import record_failure

from chat_gateway.telemetry import genai

_tracer = trace.get_tracer("chat_gateway")


@contextmanager
def opened_span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Mapping[str, str | int] | None = None,
) -> Iterator[Span]:
    """A span around a block, under the current one; it says how the block failed, if it does."""
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
            record_failure(span, error)
            raise


def conversation(conversation_id: UUID | None) -> dict[str, str]:
    """Its attribute, if there is one."""
    return {} if conversation_id is None else {genai.CONVERSATION_ID: str(conversation_id)}


@contextmanager
def unrecorded() -> Iterator[None]:
    """What the block does is in no trace: looks that are repeated tell nothing but their number."""
    current = trace.get_current_span().get_span_context()
    unsampled = SpanContext(
        current.trace_id,
        current.span_id,
        is_remote=False,
        trace_flags=TraceFlags(TraceFlags.DEFAULT),
    )
    with trace.use_span(NonRecordingSpan(unsampled)):
        yield


@dataclass(frozen=True, slots=True)
class TurnSpan:
    """A turn that is under way, be it new, resumed, replayed or refused."""

    _span: Span

    def opened(self, turn_id: UUID, conversation_id: UUID | None, attempt: int) -> None:
        """Say which turn this process may run. Args: attempt: 1 for the first."""
        self._span.set_attribute("taskchat.turn.id", str(turn_id))
        self._span.set_attribute("taskchat.turn.attempt", attempt)
        self._span.set_attributes(conversation(conversation_id))

    def ended(self, outcome: str) -> None:
        """Say how it ended. Args: outcome: `completed`, `replayed` or a problem's code."""
        self._span.set_attribute("taskchat.turn.outcome", outcome)


@contextmanager
def turn_span(action: str | None) -> Iterator[TurnSpan]:
    """One attempt at a turn; all its steps stand under it. Args: action: what a click asks for."""
    attributes = {} if action is None else {"taskchat.turn.action": action}
    with opened_span("turn", attributes=attributes) as span:
        yield TurnSpan(span)


@contextmanager
def step_span(name: str) -> Iterator[None]:
    """One of law 7's steps, or a part of one. Args: name: e.g. `open`; the span is `turn.open`."""
    with opened_span(f"turn.{name}"):
        yield


@contextmanager
def agent_span(agent: str, model: str, conversation_id: UUID | None) -> Iterator[None]:
    """One run of the agent; the model and tool spans stand under it."""
    attributes = {
        genai.OPERATION_NAME: genai.INVOKE_AGENT,
        genai.PROVIDER_NAME: genai.GEMINI,
        genai.AGENT_NAME: agent,
        genai.REQUEST_MODEL: model,
        **conversation(conversation_id),
    }
    with opened_span(f"{genai.INVOKE_AGENT} {agent}", attributes=attributes):
        yield


@dataclass(frozen=True, slots=True)
class ToolSpan:
    """A tool call of the agent that is under way."""

    _span: Span

    def returned(
        self, call_id: UUID, error: str | None, *, replayed: bool, contents: Mapping[str, str]
    ) -> None:
        """Say what it came to.

        Args: call_id: of its row in `tasks.tool_call`. error: the code of a failed call.
            replayed: the turn's journal had the result. contents: see contents.py.
        """
        self._span.set_attribute("taskchat.tool_call.id", str(call_id))
        self._span.set_attribute("taskchat.tool_call.replayed", replayed)
        self._span.set_attributes(contents)
        if error is not None:
            self._span.set_attribute(genai.ERROR_TYPE, error)
            self._span.set_status(StatusCode.ERROR)


@contextmanager
def tool_span(tool: str, call_id: str, contents: Mapping[str, str]) -> Iterator[ToolSpan]:
    """One tool call of the agent, until its result is recorded.

    Args: call_id: between agent and model. contents: what contents.py lets through of the call.
    """
    attributes = {
        genai.OPERATION_NAME: genai.EXECUTE_TOOL,
        genai.TOOL_NAME: tool,
        genai.TOOL_TYPE: "function",
        genai.TOOL_CALL_ID: call_id,
        **contents,
    }
    with opened_span(f"{genai.EXECUTE_TOOL} {tool}", attributes=attributes) as span:
        yield ToolSpan(span)


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
        attributes[genai.OPERATION_NAME] = genai.EXECUTE_TOOL
    name = method if tool is None else f"{method} {tool}"
    with opened_span(name, SpanKind.CLIENT, attributes) as span:
        yield McpSpan(span)


def trace_headers() -> dict[str, str]:
    """The W3C trace context of the current span as headers; empty without a trace."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    return headers
