"""Spans and metrics of this service: callers say what happened, the names are here and in genai.py.

Only this module and agent/tracing.py know OpenTelemetry and Prometheus. Nothing here holds what a
person or the model said. With tracing off a span costs a context lookup.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind, StatusCode
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
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


class GatewayMetrics:
    """What Prometheus reads of this process. Every label has few values, none from a person.

    Args: registry: one per process; tests bring their own.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "taskchat_http_requests_total",
            "Requests that reached this process, refused ones too; probes do not count.",
            registry=registry,
        )
        self._turns = Histogram(
            "taskchat_turn_duration_seconds",
            "Whole turns, request to answer; outcome: completed, replayed or a problem's code.",
            ["outcome"],
            buckets=genai.DURATION_BUCKETS,
            registry=registry,
        )
        self._in_flight = Gauge(
            "taskchat_turns_in_flight", "Turns running in this process.", registry=registry
        )
        self._model_requests = Histogram(
            genai.OPERATION_DURATION_METRIC,
            "Requests to the model, by outcome: ok or a problem's code.",
            ["gen_ai_request_model", "outcome"],
            buckets=genai.DURATION_BUCKETS,
            registry=registry,
        )
        self._tokens = Histogram(
            genai.TOKEN_USAGE_METRIC,
            "Tokens of one model request, by type: input or output.",
            ["gen_ai_request_model", "gen_ai_token_type"],
            buckets=genai.TOKEN_BUCKETS,
            registry=registry,
        )
        self._nonsense = Counter(
            "taskchat_model_nonsense_total",
            "Answers of the model that could not be used, by reason.",
            ["reason"],
            registry=registry,
        )
        self._tool_calls = Histogram(
            "taskchat_tool_call_duration_seconds",
            "Tool calls as mcp-tools measured them, by status: ok or error.",
            ["tool", "status"],
            buckets=genai.DURATION_BUCKETS,
            registry=registry,
        )
        self._tool_failures = Counter(
            "taskchat_tool_call_failures_total",
            "Attempts at a tool call that got no result.",
            ["tool"],
            registry=registry,
        )

    def request_received(self) -> None:
        """A request is here, whatever will become of it."""
        self._requests.inc()

    @contextmanager
    def turn_in_flight(self) -> Iterator[None]:
        """Count a turn as running until the block ends."""
        with self._in_flight.track_inprogress():
            yield

    def turn_finished(self, outcome: str, seconds: float) -> None:
        """A turn was answered. Args: outcome: `completed`, `replayed` or a problem's code."""
        self._turns.labels(outcome).observe(seconds)

    def model_asked(self, model: str, outcome: str, seconds: float) -> None:
        """The model answered or failed. Args: outcome: `ok` or a problem's code."""
        self._model_requests.labels(model, outcome).observe(seconds)

    def tokens_used(self, model: str, *, input_tokens: int, output_tokens: int) -> None:
        """What one answer of the model cost."""
        self._tokens.labels(model, "input").observe(input_tokens)
        self._tokens.labels(model, "output").observe(output_tokens)

    def model_spoke_nonsense(self, reason: str) -> None:
        """An answer could not be used. Args: reason: one of a few words."""
        self._nonsense.labels(reason).inc()

    def tool_call(self, tool: str, status: str, seconds: float) -> None:
        """A tool call came to a result."""
        self._tool_calls.labels(tool, status).observe(seconds)

    def tool_call_failed(self, tool: str) -> None:
        """An attempt at a tool call came to nothing."""
        self._tool_failures.labels(tool).inc()


def process_metrics() -> GatewayMetrics:
    """The metrics that the process's `/metrics` shows. Once per process."""
    return GatewayMetrics(REGISTRY)


def unread_metrics() -> GatewayMetrics:
    """Metrics of an application that no `/metrics` shows."""
    return GatewayMetrics(CollectorRegistry())
