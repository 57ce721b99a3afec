"""People and what they ask for."""

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from chat_gateway.actions.clicks import ClickRequest
from chat_gateway.turns.asking import TurnRequest
from chat_gateway.turns.chat_answer import TurnAnswer
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.events import Listener, nobody
from pydantic import JsonValue
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
    listener: Listener = nobody,
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
        listener=listener,
    )


def clicking(
    identity: Identity,
    arguments: Mapping[str, JsonValue] | None = None,
    *,
    action: str = "tasks.add",
    tool: str = "add_task",
    conversation_id: UUID | None = None,
    key: str | None = None,
    seconds: float = 30,
) -> ClickRequest:
    """A click that begins now. Args: arguments: default: a title. seconds: until its deadline."""
    return ClickRequest(
        identity=identity,
        conversation_id=conversation_id,
        action=action,
        tool=tool,
        arguments={"title": "milk"} if arguments is None else arguments,
        idempotency_key=key,
        started_at=clock.now(),
        deadline=Deadline.after(seconds),
        arrived_at=time.perf_counter(),
    )


def conversation_of(answer: TurnAnswer) -> UUID:
    """The conversation that an answer belongs to."""
    return UUID(json.loads(answer.body)["conversation_id"])
