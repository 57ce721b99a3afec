"""Spans of this service: callers say what happens, the names are here and in genai.py.

Only this module and agent/tracing.py know OpenTelemetry. Nothing here holds what a person or the
model said. With tracing off a span costs a context lookup.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind
from servicekit.telemetry.failures import record_failure

from chat_gateway import genai

_tracer = trace.get_tracer("chat_gateway")


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
            record_failure(span, error)
            raise


@dataclass(frozen=True, slots=True)
class TurnSpan:
    """A turn that is under way, be it new, resumed, replayed or refused."""

    _span: Span

    def opened(self, turn_id: UUID, conversation_id: UUID, attempt: int) -> None:
        """Say which turn this process may run. Args: attempt: 1 for the first."""
        self._span.set_attribute("taskchat.turn.id", str(turn_id))
        self._span.set_attribute("taskchat.turn.attempt", attempt)
        self._span.set_attribute(genai.CONVERSATION_ID, str(conversation_id))

    def ended(self, outcome: str) -> None:
        """Say how it ended. Args: outcome: `completed`, `replayed` or a problem's code."""
        self._span.set_attribute("taskchat.turn.outcome", outcome)


@contextmanager
def turn_span() -> Iterator[TurnSpan]:
    """One attempt at a turn; all its steps stand under it."""
    with _span("turn") as span:
        yield TurnSpan(span)


@contextmanager
def step_span(name: str) -> Iterator[None]:
    """One of law 7's steps, or a part of one. Args: name: e.g. `open`; the span is `turn.open`."""
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
class Completed:
    """An answer of the model, without anything that it said.

    id, model: empty where the answer has none. first_byte_seconds: from the request on.
    """

    id: str
    model: str
    finish_reasons: Sequence[str]
    input_tokens: int
    output_tokens: int
    first_byte_seconds: float


@dataclass(slots=True)
class ModelSpan:
    """A call of the model that is under way, with all requests that it takes."""

    _span: Span
    _requests: int = 0
    _input_tokens: int = 0
    _output_tokens: int = 0

    def unusable(self, reason: str) -> None:
        """An answer was nonsense, and another one may be asked for."""
        self._span.add_event("taskchat.model.nonsense", {"taskchat.model.nonsense.reason": reason})

    def _requested(self) -> int:
        """Count a request. Returns: how many there were before it."""
        self._requests += 1
        self._span.set_attribute(genai.MODEL_REQUESTS, self._requests)
        return self._requests - 1

    def _completed(self, answer: Completed) -> None:
        """Tokens add up: an answer that could not be used was paid for too."""
        self._input_tokens += answer.input_tokens
        self._output_tokens += answer.output_tokens
        self._span.set_attribute(genai.INPUT_TOKENS, self._input_tokens)
        self._span.set_attribute(genai.OUTPUT_TOKENS, self._output_tokens)
        self._span.set_attribute(genai.TIME_TO_FIRST_TOKEN, answer.first_byte_seconds)
        self._span.set_attribute(genai.FINISH_REASONS, answer.finish_reasons)
        if answer.id:
            self._span.set_attribute(genai.RESPONSE_ID, answer.id)
        if answer.model:
            self._span.set_attribute(genai.RESPONSE_MODEL, answer.model)


_model_call: ContextVar[ModelSpan | None] = ContextVar("model_call", default=None)


@contextmanager
def model_span(model: str, base_url: str, conversation_id: UUID) -> Iterator[ModelSpan]:
    """One call of the model, until its answer can be used; the block's requests stand under it."""
    attributes = {
        genai.OPERATION_NAME: genai.CHAT,
        genai.PROVIDER_NAME: genai.GEMINI,
        genai.REQUEST_MODEL: model,
        genai.CONVERSATION_ID: str(conversation_id),
        **_server(base_url),
    }
    with _span(f"{genai.CHAT} {model}", SpanKind.CLIENT, attributes) as span:
        call = ModelSpan(span)
        token = _model_call.set(call)
        try:
            yield call
        finally:
            _model_call.reset(token)


@dataclass(frozen=True, slots=True)
class ModelRequestSpan:
    """One HTTP request to the model that is under way."""

    _span: Span
    _call: ModelSpan | None

    def answered(self, status: int) -> None:
        """Note the HTTP status of the answer."""
        self._span.set_attribute(genai.STATUS_CODE, status)

    def completed(self, answer: Completed) -> None:
        """Note what the answer was and cost, on the call that it answers too."""
        self._span.set_attribute(genai.TIME_TO_FIRST_TOKEN, answer.first_byte_seconds)
        if self._call is not None:
            self._call._completed(answer)


@contextmanager
def model_request_span(method: str, url: str, template: str) -> Iterator[ModelRequestSpan]:
    """One HTTP request to the model. A call that is tried again, or hedged, has several.

    Args: url: without user, password or query. template: the part of it that is the same anywhere.
    """
    call = _model_call.get()
    attributes: dict[str, str | int] = {
        genai.REQUEST_METHOD: method,
        genai.URL_FULL: url,
        genai.URL_TEMPLATE: template,
        **_server(url),
    }
    if call is not None and (earlier := call._requested()):
        attributes[genai.RESEND_COUNT] = earlier
    with _span(f"{method} {template}", SpanKind.CLIENT, attributes) as span:
        yield ModelRequestSpan(span, call)


def _server(url: str) -> dict[str, str | int]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return {genai.SERVER_ADDRESS: parts.hostname or "", genai.SERVER_PORT: port}


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
