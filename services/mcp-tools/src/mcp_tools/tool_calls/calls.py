"""A tool call: what was asked, what came of it, and what makes two calls the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from pydantic import JsonValue

from mcp_tools.errors import CallFailed, Forbidden

JsonObject = Mapping[str, JsonValue]


@dataclass(frozen=True)
class IdempotencyKey:
    """Position of a call in its turn; `ordinal` counts from 0."""

    turn_id: UUID
    ordinal: int


@dataclass(frozen=True)
class ToolCall:
    """One call, as it is recorded before it runs.

    Attributes: name: as it was called, also when there is no such tool. arguments: what Postgres
        can hold of them (see `recordable`), without `user_id`. key: None: not repeatable.
        trace_id: 32 hex digits, if there is a trace. refusal: why it will not be run at all.
    """

    name: str
    arguments: JsonObject
    key: IdempotencyKey | None
    conversation_id: UUID | None
    trace_id: str | None
    refusal: CallFailed | None


@dataclass(frozen=True)
class Outcome:
    """What came of a call: `output` or `error` (`code`, `message`), never both."""

    output: JsonObject | None
    error: JsonObject | None

    @classmethod
    def failed(cls, failure: CallFailed) -> Self:
        """The outcome of a call that ended with one of our errors."""
        return cls(output=None, error=failure.as_json())

    @property
    def code(self) -> str:
        """`ok`, or the error's code."""
        return "ok" if self.error is None else str(self.error["code"])


@dataclass(frozen=True)
class RecordedCall:
    """A call whose outcome is final.

    Attributes: duration_ms: of the call that ran; a replay has its original's. replayed: whether
        it was answered from its row. conflict: whether its key belongs to another call.
    """

    id: UUID
    outcome: Outcome
    duration_ms: float
    replayed: bool
    conflict: bool = False


@dataclass(frozen=True)
class EarlierCall:
    """The row that a call's key led to."""

    id: UUID
    name: str
    arguments: JsonObject
    outcome: Outcome
    duration_ms: float

    def is_the_same_as(self, call: ToolCall) -> bool:
        """Whether a call repeats this one.

        `user_id` is an argument that is not recorded; all that counts of it is whether it was the
        subject's own, and that is told by the refusal.
        """
        if self.outcome.output == {}:
            return False  # what it was about is no longer kept (retention.py)
        was_forbidden = self.outcome.code == Forbidden.code
        is_forbidden = isinstance(call.refusal, Forbidden)
        return (
            self.name == call.name
            and self.arguments == call.arguments
            and was_forbidden == is_forbidden
        )
