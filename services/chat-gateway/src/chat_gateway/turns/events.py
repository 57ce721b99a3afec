"""What a turn tells while it runs, to whoever listens. It never waits for its listener.

A turn that nobody listens to does the same and tells it to `nobody`. Source: ADR 0024.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from servicekit.identifiers import new_id

from chat_gateway.turns.journal import ToolCallRequest, ToolResult


@dataclass(frozen=True, slots=True)
class NewConversation:
    """One that its client may not know, as it is stored. began_at: aware UTC."""

    title: str
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """The person's message is stored and the turn runs.

    stored_at: when the message was stored, aware UTC. created: None: its client named it.
    resumed: the turn had begun before; what it has recorded is told again after this.
    replayed: it is over, and everything is told at once.
    """

    conversation_id: UUID
    turn_id: UUID
    message_id: UUID
    message: str
    stored_at: datetime
    created: NewConversation | None
    resumed: bool = False
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of the answer, provisional until the turn has closed. text_id: of the whole text."""

    text_id: UUID
    delta: str


@dataclass(frozen=True, slots=True)
class Retracted:
    """What was said under this id does not count. reason: one of few words, for a label."""

    text_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """These calls are recorded, and run now."""

    calls: tuple[ToolCallRequest, ...]


@dataclass(frozen=True, slots=True)
class Came:
    """What a call came to is recorded."""

    result: ToolResult


@dataclass(frozen=True, slots=True)
class Closed:
    """The answer is stored. body: as the plain request gets it, byte for byte."""

    body: str
    replayed: bool


Event = Opened | Said | Retracted | Asked | Came | Closed
Listener = Callable[[Event], None]
"""Told of each event in order. It returns at once and raises nothing."""


def nobody(_: Event) -> None:
    """The listener of a turn that nobody listens to."""


BEFORE_CALLS: Final = "before_calls"
"""Why a text was retracted: calls came after it, so it was no answer."""


class Voice:
    """The one text that a turn says at a time. What it has said last is the answer's text.

    Each text has an id of its own, the last one's is the id of the stored answer.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._text_id: UUID | None = None

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens, so that it is worth to stream."""
        return self._listener is not nobody

    @property
    def text_id(self) -> UUID | None:
        """Of the text that stands, if any does."""
        return self._text_id

    def say(self, delta: str) -> None:
        """Say a piece. Args: delta: not empty; leading blanks of a text are left out by callers."""
        if self._text_id is None:
            self._text_id = new_id()
        self._listener(Said(self._text_id, delta))

    def retract(self, reason: str) -> None:
        """Take back what was said, if anything was."""
        if self._text_id is not None:
            gone, self._text_id = self._text_id, None
            self._listener(Retracted(gone, reason))
