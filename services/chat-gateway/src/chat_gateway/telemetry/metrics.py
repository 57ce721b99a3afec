"""Metrics of this service: callers say what happened, the names are here and in genai.py.

Only this module knows Prometheus. Every label has few values, none of them from a person: outcomes
are codes of the contract, models and tools are those of the settings and of mcp-tools.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from servicekit.telemetry.exemplars import current_exemplar
from servicekit.telemetry.service_metrics import ServiceMetrics

from chat_gateway.errors import (
    AuthUnavailable,
    DatabaseUnavailable,
    DeadlineExceeded,
    InternalError,
    ModelError,
    ModelUnavailable,
    Overloaded,
    ToolsUnavailable,
)
from chat_gateway.telemetry import genai
from chat_gateway.telemetry.limit_metrics import LimitMetrics
from chat_gateway.telemetry.request_metrics import RequestMetrics
from chat_gateway.telemetry.stream_metrics import StreamMetrics

COMPLETED: Final = "completed"
FAILURES: Final = tuple(
    problem.code
    for problem in (
        InternalError, ModelError, AuthUnavailable, DatabaseUnavailable, ModelUnavailable,
        Overloaded, ToolsUnavailable, DeadlineExceeded,
    )
)  # fmt: skip
"""Outcomes of the promise are there at 0 from the start: Prometheus' rate() does not see the step
from no series to 1, and the first failure of a pod may be the only one."""
TURN_BUCKETS: Final = (
    0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.5, 10.0, 15.0, 30.0, 60.0,
)  # fmt: skip
"""Close around 5 s, which 95 % of turns must stay below; 30 s is the default deadline."""
STEP_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, *TURN_BUCKETS)
TOOL_BUCKETS: Final = (
    0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
"""As mcp-tools' own of the same calls, so that the difference is the way between the two."""
MESSAGE_BUCKETS: Final = (0, 2, 4, 8, 16, 24, 32, 40, 80, 160)
OTHER: Final = "other"
ABANDONED: Final = "abandoned"
"""Outcome of a request whose turn was cut off before the answer came."""
_TOOL_OUTCOMES: Final = frozenset(
    {"ok", "not_found", "invalid_arguments", "forbidden", "unavailable", ABANDONED}
)
"""Source: contract.md "Tools". What mcp-tools calls otherwise is `other`."""


def tool_outcome(code: str) -> str:
    """A tool's error code, where outcomes must be few."""
    return code if code in _TOOL_OUTCOMES else OTHER


class GatewayMetrics:
    """What Prometheus reads of this process.

    Durations carry the trace they were measured in as an exemplar, where it is sampled.

    Args: registry: one per process; tests bring their own. revision: of the source.
    """

    def __init__(self, registry: CollectorRegistry, revision: str = "unknown") -> None:
        self.process = ServiceMetrics(
            registry, service="chat-gateway", package="taskchat-chat-gateway", revision=revision
        )
        self.streams = StreamMetrics(registry)
        self.limits = LimitMetrics(registry)
        self.requests = RequestMetrics(registry)
        self._turns = Histogram(
            "taskchat_turn_duration_seconds",
            "Whole turns, request to answer; outcome: completed, replayed, interrupted or a"
            " problem's code.",
            ["outcome"],
            buckets=TURN_BUCKETS,
            registry=registry,
        )
        for outcome in (COMPLETED, *FAILURES):
            self._turns.labels(outcome)
        self._clicks = Histogram(
            "taskchat_click_duration_seconds",
            "A person's own clicks, turns without the model; outcome as of turns, or the code of"
            " the tool's error.",
            ["action", "outcome"],
            buckets=TOOL_BUCKETS,
            registry=registry,
        )
        self._stops = Counter(
            "taskchat_turn_stops_total",
            "Requests to stop a turn, by result: stopped, or over when it had ended before.",
            ["result"],
            registry=registry,
        )
        self._steps = Histogram(
            "taskchat_turn_step_duration_seconds",
            "Steps of turns: open, agent, close.",
            ["step"],
            buckets=STEP_BUCKETS,
            registry=registry,
        )
        self._in_flight = Gauge(
            "taskchat_turns_in_flight", "Turns running in this process.", registry=registry
        )
        self._history_messages = Histogram(
            "taskchat_history_messages",
            "Earlier messages that the model was shown in a turn.",
            buckets=MESSAGE_BUCKETS,
            registry=registry,
        )
        self._history_tokens = Histogram(
            "taskchat_history_tokens",
            "Estimated tokens of those messages.",
            buckets=genai.TOKEN_BUCKETS,
            registry=registry,
        )
        self._takeovers = Counter(
            "taskchat_lease_takeovers_total",
            "Turns resumed because the lease of another attempt had run out.",
            registry=registry,
        )
        self._model_requests = Histogram(
            genai.OPERATION_DURATION_METRIC,
            "Requests to the model, by outcome: ok, abandoned or a problem's code.",
            ["gen_ai_request_model", "outcome"],
            buckets=genai.DURATION_BUCKETS,
            registry=registry,
        )
        self._first_token = Histogram(
            "taskchat_model_time_to_first_token_seconds",
            "Time until the first byte of the model's answer.",
            ["gen_ai_request_model"],
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
        self._retries = Counter(
            "taskchat_model_retries_total",
            "Requests to the model that were repeated, by what was wrong with the one before.",
            ["gen_ai_request_model", "reason"],
            registry=registry,
        )
        self._hedges = Counter(
            "taskchat_model_hedges_total",
            "Second requests sent beside a slow one, by whose answer won: first, hedge, none.",
            ["gen_ai_request_model", "winner"],
            registry=registry,
        )
        self._fallbacks = Counter(
            "taskchat_model_fallbacks_total",
            "Calls of the model that the fallback model answered, by its name.",
            ["gen_ai_request_model"],
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
            "Tool calls as seen from here, with all repeats; outcome: ok, abandoned or the error's"
            " code.",
            ["tool", "outcome"],
            buckets=TOOL_BUCKETS,
            registry=registry,
        )
        self._tool_failures = Counter(
            "taskchat_tool_call_failures_total",
            "Attempts at a tool call that got no result.",
            ["tool"],
            registry=registry,
        )
        self._audit_mismatches = Counter(
            "taskchat_audit_mismatches_total",
            "Tool calls whose record at mcp-tools is not of what was asked.",
            registry=registry,
        )

    @contextmanager
    def turn_in_flight(self) -> Iterator[None]:
        """Count a turn as running until the block ends."""
        with self._in_flight.track_inprogress():
            yield

    def turn_finished(self, outcome: str, seconds: float) -> None:
        """A turn was answered or refused. Args: outcome: one of few words, see the metric."""
        self._turns.labels(outcome).observe(seconds, current_exemplar())

    def click_finished(self, action: str, outcome: str, seconds: float) -> None:
        """A click was answered or refused. Args: action: e.g. `tasks.add`, one of six."""
        self._clicks.labels(action, outcome).observe(seconds, current_exemplar())

    def stop_asked(self, result: str) -> None:
        """A turn was to be stopped. Args: result: `stopped` or `over`."""
        self._stops.labels(result).inc()

    def step_finished(self, step: str, seconds: float) -> None:
        """A step of a turn ended, well or not. Args: step: `open`, `agent` or `close`."""
        self._steps.labels(step).observe(seconds, current_exemplar())

    def history_shown(self, *, messages: int, tokens: int) -> None:
        """The model will be shown so much of a conversation. Args: tokens: estimated."""
        self._history_messages.observe(messages)
        self._history_tokens.observe(tokens)

    def lease_taken_over(self) -> None:
        """A turn goes on here whose process did not keep its lease."""
        self._takeovers.inc()

    def model_asked(self, model: str, outcome: str, seconds: float) -> None:
        """The model answered or failed. Args: outcome: `ok`, `abandoned` or a problem's code."""
        self._model_requests.labels(model, outcome).observe(seconds, current_exemplar())

    def model_began_to_answer(self, model: str, seconds: float) -> None:
        """The first byte of an answer of the model is here."""
        self._first_token.labels(model).observe(seconds, current_exemplar())

    def tokens_used(self, model: str, *, input_tokens: int, output_tokens: int) -> None:
        """What one answer of the model cost."""
        self._tokens.labels(model, "input").observe(input_tokens)
        self._tokens.labels(model, "output").observe(output_tokens)

    def model_asked_again(self, model: str, reason: str) -> None:
        """A request to the model is repeated. Args: reason: one of a few words."""
        self._retries.labels(model, reason).inc()

    def model_hedged(self, model: str, winner: str) -> None:
        """A call that had a hedge is over. Args: winner: `first`, `hedge` or `none`."""
        self._hedges.labels(model, winner).inc()

    def model_fell_back(self, model: str) -> None:
        """The fallback model answered a call. Args: model: its name."""
        self._fallbacks.labels(model).inc()

    def model_spoke_nonsense(self, reason: str) -> None:
        """An answer could not be used. Args: reason: one of a few words."""
        self._nonsense.labels(reason).inc()

    def tool_call(self, tool: str, outcome: str, seconds: float) -> None:
        """A tool call came to a result. Args: outcome: `ok` or the error's code."""
        self._tool_calls.labels(tool, tool_outcome(outcome)).observe(seconds, current_exemplar())

    def tool_call_failed(self, tool: str) -> None:
        """An attempt at a tool call came to nothing."""
        self._tool_failures.labels(tool).inc()

    def audit_mismatched(self) -> None:
        """mcp-tools has something else on record than what was asked."""
        self._audit_mismatches.inc()


def process_metrics(revision: str) -> GatewayMetrics:
    """The metrics that the process's `/metrics` shows. Once per process."""
    return GatewayMetrics(REGISTRY, revision)


def unread_metrics() -> GatewayMetrics:
    """Metrics of an application that no `/metrics` shows."""
    return GatewayMetrics(CollectorRegistry())
