"""What is measured and logged of a turn: its outcome, its steps, and whose line a log line is.

Each request for a turn ends in exactly one line `turn ended`, whatever became of it. Only a process
that is killed writes none; the attempt that takes its turn over does. Requests that are turned away
before anybody looks at them (api/middleware/turned_away.py) are counted, without a line each.
"""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from servicekit.telemetry.logs import bind_log_fields

from chat_gateway.errors import InternalError, Problem
from chat_gateway.telemetry.metrics import GatewayMetrics, tool_outcome
from chat_gateway.telemetry.spans import TurnSpan, step_span, turn_span
from chat_gateway.turns.attempt import Attempt
from chat_gateway.turns.runner import TurnUsage
from chat_gateway.turns.states import INTERRUPTED

REPLAYED: Final = "replayed"
"""Outcome of a request that was told what is stored of a turn, a failure too."""

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Outcome:
    """What one request for a turn comes to, noted while it is found out.

    turn_id, conversation_id, attempt: None while there is no turn that may be run or replayed.
    taken_over: the lease of an earlier attempt had run out. tool_error: the code of a click's.
    steps: seconds by name.
    """

    metrics: GatewayMetrics
    span: TurnSpan
    turn_id: UUID | None = None
    conversation_id: UUID | None = None
    attempt: int | None = None
    replayed: bool = False
    taken_over: bool = False
    tool_error: str | None = None
    steps: dict[str, float] = field(default_factory=dict)
    usage: TurnUsage = field(default_factory=TurnUsage)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One of the turn's three steps. Args: name: `open`, `agent` or `close`."""
        began_at = time.perf_counter()
        try:
            with step_span(name):
                yield
        finally:
            self.steps[name] = time.perf_counter() - began_at
            self.metrics.step_finished(name, self.steps[name])

    def told_again(self, turn_id: UUID) -> None:
        """What is stored of the turn is told, whatever became of it: it is counted where it ran."""
        self.replayed, self.turn_id = True, turn_id

    def refused_by_tool(self, code: str) -> None:
        """A click came to an error of its tool, whose code is what it comes to."""
        self.tool_error = tool_outcome(code)

    @contextmanager
    def running(
        self, attempt: Attempt, conversation_id: UUID | None, *, taken_over: bool
    ) -> Iterator[None]:
        """Say which turn it became, on its span, in its summary and on the block's log lines."""
        self.turn_id, self.conversation_id = attempt.turn_id, conversation_id
        self.attempt = attempt.number
        self.span.opened(attempt.turn_id, conversation_id, attempt.number)
        if taken_over:
            self.taken_over = True
            self.metrics.lease_taken_over()
        with bind_log_fields(turn_id=str(attempt.turn_id)):
            yield


@contextmanager
def received(metrics: GatewayMetrics) -> Iterator[float]:
    """A request for a turn is here. One that is refused before there is a turn ends in this block.

    Yields: when it came, on the clock of `time.perf_counter`.
    """
    began_at = time.perf_counter()
    try:
        yield began_at
    except BaseException as error:
        refused(metrics, _name(error), time.perf_counter() - began_at)
        raise


def refused(metrics: GatewayMetrics, outcome: str, seconds: float = 0.0) -> None:
    """Measure and log a request that was refused before there was a turn."""
    metrics.turn_finished(outcome, seconds)
    _logger.info("turn ended", extra={"outcome": outcome, "duration_ms": _milliseconds(seconds)})


@contextmanager
def measured(
    metrics: GatewayMetrics, user_id: UUID, arrived_at: float, *, action: str | None = None
) -> Iterator[Outcome]:
    """Count the block as a turn in flight; measure how long it took to which outcome, and say so.

    The block is one `turn` span.

    Args: arrived_at: when the request came, on the clock of `time.perf_counter`. action: what a
        click asks for; None: the turn is about a message.
    """
    name = "completed"
    with turn_span(action) as span:
        outcome = Outcome(metrics, span)
        try:
            with metrics.turn_in_flight(), bind_log_fields(user_id=str(user_id)):
                yield outcome
            name = REPLAYED if outcome.replayed else outcome.tool_error or name
        except BaseException as error:
            name = REPLAYED if outcome.replayed else _name(error)
            raise
        finally:
            seconds = time.perf_counter() - arrived_at
            span.ended(name)
            if action is None:
                metrics.turn_finished(name, seconds)
                clicked = {}
            else:
                metrics.click_finished(action, name, seconds)
                clicked = {"action": action}
            told = _summary(outcome, user_id, name, seconds) | clicked
            _logger.info("turn ended", extra=told)


def _name(error: BaseException) -> str:
    """One of few words, for a label: what the person was told, or that the turn was cut off."""
    if isinstance(error, asyncio.CancelledError):
        return INTERRUPTED["code"]
    return error.code if isinstance(error, Problem) else InternalError.code


def _summary(outcome: Outcome, user_id: UUID, name: str, seconds: float) -> dict[str, object]:
    usage = outcome.usage
    return {
        "outcome": name,
        "duration_ms": _milliseconds(seconds),
        **{f"{step}_ms": _milliseconds(took) for step, took in outcome.steps.items()},
        "user_id": str(user_id),
        "turn_id": _text(outcome.turn_id),
        "conversation_id": _text(outcome.conversation_id),
        "attempt": outcome.attempt,
        "replayed": outcome.replayed,
        "taken_over": outcome.taken_over,
        "model_calls": usage.model_calls,
        "model_ms": _milliseconds(usage.model_seconds),
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "tool_calls": usage.tool_calls,
    }


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
