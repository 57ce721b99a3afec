"""Metrics of this service: callers say what happened, the names are here and in genai.py.

Only this module knows Prometheus. Every label has few values, none of them from a person.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

from chat_gateway import genai


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
