"""What a turn asks of the agent; `agent/run.py` is the one that answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from servicekit.tokens.claims import Identity

from chat_gateway.conversations.history import HistoryMessage
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.events import Listener, Voice, nobody
from chat_gateway.turns.journal import Journal


@dataclass(slots=True)
class TurnUsage:
    """What an attempt has asked for so far; what its journal answered is not among it.

    model_calls: requests, repeated ones and hedges too. model_seconds: in which the turn waited for
    an answer of the model that it could use.
    """

    model_calls: int = 0
    model_seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    tool_calls: int = 0

    @property
    def model_tokens(self) -> int:
        """What counts toward the day's budget, as the model's endpoint counts it."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class TurnContext:
    """One attempt at one turn. conversation_id: None for a click outside of any.

    started_at: when this attempt's token was checked; mcp-tools accepts a token that was good then.
    time_zone: IANA name, when the person's client sent one.
    now: what the model is told the time is; aware UTC.
    usage: counted up by whoever runs the turn.
    in_doubt: ordinals of calls that may have changed something and whose result is not recorded;
    an earlier attempt may have sent them.
    listener: told what the turn does; voice: what it says, to the same listener.
    """

    turn_id: UUID
    conversation_id: UUID | None
    identity: Identity
    started_at: datetime
    deadline: Deadline
    journal: Journal
    time_zone: str | None
    now: datetime
    usage: TurnUsage = field(default_factory=TurnUsage)
    in_doubt: set[int] = field(default_factory=set)
    listener: Listener = nobody
    voice: Voice = field(default_factory=lambda: Voice(nobody))


class AgentRunner(Protocol):
    """Reasons over a conversation and acts by tools, recording every step in the journal."""

    async def run(
        self, context: TurnContext, history: Sequence[HistoryMessage], message: str
    ) -> str:
        """Answer the person's message.

        Args: history: earlier messages, oldest first, without `message`.
        Returns: the assistant's text, not empty.
        Raises: ModelError (502); ModelUnavailable, ToolsUnavailable, DatabaseUnavailable (503);
            DeadlineExceeded (504); LeaseLost.
        """
        ...
