"""What is in a conversation, as ChatKit reads it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from chat_gateway.conversations.history import Role
from chat_gateway.turns.states import TurnState


@dataclass(frozen=True, slots=True)
class NewestTurn:
    """The turn of the newest message. code: why it failed, if it did.

    A running turn whose lease has run out has failed: nobody runs it.
    """

    id: UUID
    message_id: UUID
    state: TurnState
    code: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A message, and of a person's message the turn that it opened.

    turn_id: None for an answer. running: by its lease too. calls, results: of the turn, as they
    are stored; of a list of tasks only that it was made.
    """

    id: UUID
    role: Role
    content: str
    created_at: datetime
    turn_id: UUID | None
    running: bool
    calls: list[JsonValue]
    results: list[JsonValue]
