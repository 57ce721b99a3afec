"""What is stored of a turn, as it is written when it opens and as it is read again.

A click of the person is a turn without a message, and maybe without a conversation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import JsonValue

from chat_gateway.turns.states import Failure, TurnState


@dataclass(frozen=True, slots=True)
class NewTurn:
    """What is stored of a turn when it opens, beside its first attempt."""

    conversation_id: UUID
    user_message_id: UUID
    idempotency_key: str | None
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class NewClick:
    """What is stored of a click when it opens, beside its first attempt. step: its one step."""

    conversation_id: UUID | None
    idempotency_key: str | None
    request_hash: bytes
    step: JsonValue


@dataclass(frozen=True, slots=True)
class DailyLimits:
    """How much one person may use on one day of UTC; ≥ 1 each, None: any number."""

    turns: int | None = None
    model_tokens: int | None = None


NO_LIMITS: Final = DailyLimits()


@dataclass(frozen=True, slots=True)
class Admitted:
    """An attempt that runs, in the transaction that began it, and what is left of its day.

    counts: whether it is one more turn of the day. turns_today: with it; None: it is not counted,
    because it does not count or the day has no room. renewal: when the day is over, aware.
    """

    counts: bool
    turns_today: int | None
    tokens_are_used_up: bool
    renewal: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt that ended its turn. tokens_today: with its own; None: it had none."""

    tokens_today: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """A turn as it is stored. `abandoned`: running by its state, but its lease has run out."""

    id: UUID
    idempotency_key: str | None
    request_hash: bytes
    state: TurnState
    attempt: int
    abandoned: bool
    steps: list[JsonValue]
    tool_results: dict[str, JsonValue]
    answer: str | None

    @property
    def expired(self) -> bool:
        """Whether what it recorded is no longer kept (retention.py)."""
        return not self.request_hash


@dataclass(frozen=True, slots=True)
class KnownTurn(Known):
    """One that is about a message."""

    conversation_id: UUID
    user_message_id: UUID


@dataclass(frozen=True, slots=True)
class KnownClick(Known):
    """One that has none."""

    conversation_id: UUID | None
    user_message_id: None


AnyTurn = KnownTurn | KnownClick


def known(row: Mapping[str, Any]) -> AnyTurn:
    """Tell a row by its message. Args: row: with the fields of these classes."""
    kind = KnownClick if row["user_message_id"] is None else KnownTurn
    return kind(**{**row, "state": TurnState(row["state"])})


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A turn that is over, as far as later ones are told of it.

    response: of the answer, None where there was none. results: of its calls; of a completed turn
    without those that only read. calls: that a failed turn asked for. Both as they are stored.
    """

    message: str
    failure: Failure | None
    response: str | None
    results: list[JsonValue]
    calls: list[JsonValue]
