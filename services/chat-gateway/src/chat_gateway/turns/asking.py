"""What is asked of turns, and a turn that this process may run."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from servicekit import clock
from servicekit.tokens.claims import Identity

from chat_gateway.conversations.history import HistoryMessage
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.events import Event, Listener, Opened, Voice, nobody
from chat_gateway.turns.lease import Lease
from chat_gateway.turns.runner import TurnContext, TurnUsage
from chat_gateway.turns.stored_journal import StoredJournal


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """What a person asks for.

    message: trimmed. started_at: when their token was checked. arrived_at: when the request came,
    on the clock of `time.perf_counter`. listener: told what the turn does.
    after_item: of a stored message whose turn is to go on; it must be in the conversation.
    has_items: the person's client knows messages by their ids, so it can retry after one.
    """

    identity: Identity
    conversation_id: UUID | None
    message: str
    idempotency_key: str | None
    time_zone: str | None
    started_at: datetime
    deadline: Deadline
    arrived_at: float = field(default_factory=time.perf_counter)
    listener: Listener = nobody
    after_item: UUID | None = None
    has_items: bool = False


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """A turn that this process may run. taken_over: another attempt's lease had run out.

    event: what is told of it when it is open.
    """

    conversation_id: UUID
    event: Opened
    lease: Lease
    journal: StoredJournal
    history: Sequence[HistoryMessage]
    taken_over: bool = False

    def context(self, request: TurnRequest, usage: TurnUsage) -> TurnContext:
        """What its agent is told of it, from now on. Args: usage: counted up by the agent."""
        return TurnContext(
            turn_id=self.lease.attempt.turn_id,
            conversation_id=self.conversation_id,
            identity=request.identity,
            started_at=request.started_at,
            deadline=request.deadline,
            journal=self.journal,
            time_zone=request.time_zone,
            now=clock.now(),
            usage=usage,
            in_doubt=self.journal.open_calls(),
            listener=request.listener,
            voice=Voice(request.listener),
        )


@dataclass(frozen=True, slots=True)
class Replayed:
    """A turn that is over. events: what is told of it, to those who listen."""

    turn_id: UUID
    answer: str
    events: Sequence[Event] = ()
