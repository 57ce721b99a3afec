"""People and what they ask for."""

import json
from datetime import timedelta
from uuid import UUID

from chat_gateway.turns.answer import TurnAnswer
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.service import TurnRequest
from servicekit import clock
from servicekit.identifiers import new_id
from servicekit.tokens.claims import Identity


def somebody() -> Identity:
    """A person whom nobody has seen before."""
    now = clock.now()
    return Identity(new_id(), now + timedelta(minutes=5), now, token="a.b.c")


def asking(
    identity: Identity,
    message: str = "hello",
    *,
    conversation_id: UUID | None = None,
    key: str | None = None,
    seconds: float = 10,
) -> TurnRequest:
    """A request that begins now. Args: seconds: until its deadline."""
    return TurnRequest(
        identity=identity,
        conversation_id=conversation_id,
        message=message,
        idempotency_key=key,
        time_zone=None,
        started_at=clock.now(),
        deadline=Deadline.after(seconds),
    )


def conversation_of(answer: TurnAnswer) -> UUID:
    """The conversation that an answer belongs to."""
    return UUID(json.loads(answer.body)["conversation_id"])
