"""Turns without a database: a journal in memory, where the border allows one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.events import Listener, Voice, nobody
from chat_gateway.turns.journal import LeaseLost, ModelStep, ToolCallRequest, ToolResult
from chat_gateway.turns.runner import TurnContext
from servicekit.tokens.claims import Identity

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
USER = UUID("01980000-0000-7000-8000-000000000001")


@dataclass
class MemoryJournal:
    """Keeps what is recorded. lost: another attempt has begun, so nothing more is taken."""

    steps: list[ModelStep] = field(default_factory=list)
    recorded: dict[int, ToolResult] = field(default_factory=dict)
    lost: bool = False

    @property
    def results(self) -> Sequence[ToolResult]:
        return [self.recorded[ordinal] for ordinal in sorted(self.recorded)]

    def result(self, ordinal: int) -> ToolResult | None:
        return self.recorded.get(ordinal)

    def call(self, call_id: str) -> ToolCallRequest:
        return {call.call_id: call for step in self.steps for call in step.calls}[call_id]

    async def record_step(self, step: ModelStep) -> None:
        if self.lost:
            raise LeaseLost
        self.steps.append(step)

    async def record_result(self, result: ToolResult) -> None:
        if self.lost:
            raise LeaseLost
        self.recorded[result.ordinal] = result


def turn(
    journal: MemoryJournal | None = None,
    *,
    seconds: float = 5.0,
    time_zone: str | None = None,
    turn_id: UUID | None = None,
    listener: Listener = nobody,
) -> TurnContext:
    """A turn that begins now. Args: seconds: until its deadline."""
    identity = Identity(USER, NOW + timedelta(minutes=5), NOW, token="the.persons.token")
    return TurnContext(
        turn_id=turn_id or uuid4(),
        conversation_id=uuid4(),
        identity=identity,
        started_at=NOW,
        deadline=Deadline.after(seconds),
        journal=journal if journal is not None else MemoryJournal(),
        time_zone=time_zone,
        now=NOW,
        listener=listener,
        voice=Voice(listener),
    )
