"""What is measured and logged of a turn: its outcome and duration, and whose line a log line is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from servicekit.telemetry.logs import bind_log_fields

from chat_gateway.telemetry import GatewayMetrics, failure_type, turn_span
from chat_gateway.turns.lease import Lease


@dataclass(slots=True)
class Outcome:
    """How a turn ended, if not by an exception."""

    replayed: bool = False


@contextmanager
def measured(metrics: GatewayMetrics) -> Iterator[Outcome]:
    """Count the block as a turn in flight, and measure how long it took to which outcome."""
    outcome, name, began_at = Outcome(), "completed", time.perf_counter()
    try:
        with metrics.turn_in_flight():
            yield outcome
        if outcome.replayed:
            name = "replayed"
    except BaseException as error:
        name = failure_type(error)
        raise
    finally:
        metrics.turn_finished(name, time.perf_counter() - began_at)


@contextmanager
def observed(lease: Lease, conversation_id: UUID) -> Iterator[None]:
    """Put the block's spans under the turn's, and the turn's id on its log lines."""
    with (
        bind_log_fields(turn_id=str(lease.turn_id), user_id=str(lease.user_id)),
        turn_span(lease.turn_id, conversation_id, lease.attempt),
    ):
        yield
