"""What is measured and logged of a turn: its outcome and duration, and whose line a log line is."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from servicekit.telemetry.failures import failure_type
from servicekit.telemetry.logs import bind_log_fields

from chat_gateway.metrics import GatewayMetrics
from chat_gateway.spans import TurnSpan, turn_span
from chat_gateway.turns.lease import Lease

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Outcome:
    """How a turn ended, if not by an exception. lease: None while nobody may run it."""

    span: TurnSpan
    replayed: bool = False
    lease: Lease | None = None


@contextmanager
def measured(metrics: GatewayMetrics, user_id: UUID) -> Iterator[Outcome]:
    """Count the block as a turn in flight; measure how long it took to which outcome, and say so.

    The block is one `turn` span. It ends in exactly one line `turn ended`, whatever happens in it.
    """
    name, began_at = "completed", time.perf_counter()
    with turn_span() as span:
        outcome = Outcome(span)
        try:
            with metrics.turn_in_flight(), bind_log_fields(user_id=str(user_id)):
                yield outcome
            if outcome.replayed:
                name = "replayed"
        except BaseException as error:
            name = failure_type(error)
            raise
        finally:
            seconds = time.perf_counter() - began_at
            span.ended(name)
            metrics.turn_finished(name, seconds)
            lease = outcome.lease
            _logger.info(
                "turn ended",
                extra={
                    "outcome": name,
                    "duration_ms": round(seconds * 1000, 1),
                    "user_id": str(user_id),
                    "turn_id": str(lease.turn_id) if lease else None,
                    "attempt": lease.attempt if lease else None,
                },
            )


@contextmanager
def running(outcome: Outcome, lease: Lease, conversation_id: UUID) -> Iterator[None]:
    """Say which turn it became, on its span, in its summary and on the block's log lines."""
    outcome.lease = lease
    outcome.span.opened(lease.turn_id, conversation_id, lease.attempt)
    with bind_log_fields(turn_id=str(lease.turn_id)):
        yield
