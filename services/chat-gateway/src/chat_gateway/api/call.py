"""A request that has passed the checks which both bodies share: who asks, how, since when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from servicekit.tokens.claims import Identity

from chat_gateway.turns.asking import TurnRequest
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.events import Listener, nobody

REPLAYED: Final = {"Idempotency-Replayed": "true"}
"""The header of an answer that an earlier request has stored."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a request says beside its body.

    started_at: when the token was checked, aware UTC. arrived_at: when the request came, on the
    clock of `time.perf_counter`.
    """

    identity: Identity
    idempotency_key: str | None
    time_zone: str | None
    started_at: datetime
    deadline: Deadline
    arrived_at: float


def turn_request(
    call: Call,
    conversation_id: UUID | None,
    message: str,
    listener: Listener = nobody,
    *,
    has_items: bool = False,
) -> TurnRequest:
    """Ask for a turn, in the same words for both bodies: either may retry the other's.

    Args: has_items: the client knows messages by their ids.
    """
    return TurnRequest(
        identity=call.identity,
        conversation_id=conversation_id,
        message=message,
        idempotency_key=call.idempotency_key,
        time_zone=call.time_zone,
        started_at=call.started_at,
        deadline=call.deadline,
        arrived_at=call.arrived_at,
        listener=listener,
        has_items=has_items,
    )
