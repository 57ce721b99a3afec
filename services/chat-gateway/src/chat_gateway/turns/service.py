"""One turn, from the person's message to the stored answer. Law 7 is this file, top to bottom.

1 receive · 2 fetch history · 3 build input · 4 persist the user's message · 5 run the agent ·
6 persist the answer · 7 return it

A client that goes away does not end its turn: the turn runs on, within its deadline, and the same
Idempotency-Key gets the stored answer. A process that is told to stop lets its turns end; one that
has to be cut off gives its lease back, and one that is killed lets it run out.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from servicekit import clock
from servicekit.database.transactions import Database, UserTransaction
from servicekit.identifiers import new_id
from servicekit.tokens.claims import Identity

from chat_gateway.conversations.history import (
    HistoryLimits,
    HistoryMessage,
    estimate_tokens,
    select_history,
)
from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.errors import DatabaseUnavailable, InternalError, Problem, TurnInProgress
from chat_gateway.metrics import GatewayMetrics
from chat_gateway.spans import step_span
from chat_gateway.turns.answer import TurnAnswer, render_answer
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.idempotency import request_hash
from chat_gateway.turns.journal import LeaseLost
from chat_gateway.turns.lease import Lease
from chat_gateway.turns.observation import Outcome, measured
from chat_gateway.turns.opening import Begin, LostRace, Replay, Resume, stand
from chat_gateway.turns.repository import KnownTurn, NewTurn, TurnRepository
from chat_gateway.turns.runner import AgentRunner, TurnContext
from chat_gateway.turns.states import INTERRUPTED, Failure
from chat_gateway.turns.stored_journal import StoredJournal

#: The loser of a race for a key or a conversation sees the winner when it looks again.
LOOKS = 3
#: The answer to a failed turn waits for its failure to be stored, but not for long: if it cannot
#: be stored, the lease runs out by itself.
FAILURE_SECONDS = 2.0
RETRYABLE_STATUSES = (502, 503, 504)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """What a person asks for.

    message: trimmed. started_at: when their token was checked. arrived_at: when the request came,
    on the clock of `time.perf_counter`.
    """

    identity: Identity
    conversation_id: UUID | None
    message: str
    idempotency_key: str | None
    time_zone: str | None
    started_at: datetime
    deadline: Deadline
    arrived_at: float = field(default_factory=time.perf_counter)


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """A turn that this process may run. taken_over: another attempt's lease had run out."""

    conversation_id: UUID
    lease: Lease
    journal: StoredJournal
    history: Sequence[HistoryMessage]
    taken_over: bool = False


@dataclass(frozen=True, slots=True)
class TurnService:
    """Runs turns. lease_seconds: how long a turn stays ours without a sign of life."""

    database: Database
    agent: AgentRunner
    metrics: GatewayMetrics
    history_limits: HistoryLimits
    lease_seconds: float

    async def answer(self, request: TurnRequest) -> TurnAnswer:
        """Answer a person's message, once.

        Raises: ConversationNotFound (404); TurnInProgress (409); IdempotencyKeyReused (422);
            ModelError (502); DatabaseUnavailable, ModelUnavailable, ToolsUnavailable (503);
            DeadlineExceeded (504).
        Source: architecture.md, law 7 and "The life of a turn"; contract.md "Retries".
        """
        # 1 receive: api/chat.py has checked origin, token, path and body.
        with measured(self.metrics, request.identity.user_id, request.arrived_at) as outcome:
            with outcome.step("open"):
                async with request.deadline.enforced():
                    opened = await self._open(request)  # 2, 3, 4
            if isinstance(opened, Replay):
                outcome.answered_before(opened.turn_id)
                return TurnAnswer(body=opened.answer, replayed=True)
            with outcome.running(
                opened.lease, opened.conversation_id, taken_over=opened.taken_over
            ):
                body = await self._run(request, opened, outcome)  # 5, 6
            return TurnAnswer(body=body, replayed=False)  # 7

    async def _open(self, request: TurnRequest) -> OpenTurn | Replay:
        for _ in range(LOOKS):
            try:
                # Makes true: the person's message is stored, and the turn is ours to run.
                async with self._transaction(request) as transaction:
                    return await self._open_in(transaction, request)
            except LostRace:
                continue
        raise TurnInProgress()

    async def _open_in(
        self, transaction: UserTransaction, request: TurnRequest
    ) -> OpenTurn | Replay:
        user_id = request.identity.user_id
        requested = request_hash(request.conversation_id, request.message)
        standing = await stand(
            transaction, user_id, request.conversation_id, request.idempotency_key, requested
        )
        match standing:
            case Replay():
                return standing
            case Resume(turn):
                return await self._resume_in(transaction, request, turn)
            case Begin():
                return await self._begin_in(transaction, request, standing, requested)

    async def _begin_in(
        self,
        transaction: UserTransaction,
        request: TurnRequest,
        begin: Begin,
        requested: bytes,
    ) -> OpenTurn:
        user_id, conversation_id = request.identity.user_id, begin.conversation_id
        conversations = ConversationRepository(transaction, user_id)
        # 2 fetch history, 3 build input
        is_new = begin.is_new_conversation
        history = () if is_new else await self._history(conversations, conversation_id)
        # 4 persist the user's message
        turn = NewTurn(
            id=new_id(),
            conversation_id=conversation_id,
            user_message_id=new_id(),
            idempotency_key=request.idempotency_key,
            request_hash=requested,
        )
        turns = TurnRepository(transaction, user_id)
        with step_span("message"):
            if is_new:
                await conversations.create(conversation_id)
            await conversations.add_message(
                turn.user_message_id, conversation_id, "user", request.message
            )
            if not await turns.open(turn, self.lease_seconds):
                raise LostRace()
        lease = self._lease(user_id, turn.id, attempt=1)
        return OpenTurn(conversation_id, lease, StoredJournal(lease, request.deadline), history)

    async def _resume_in(
        self, transaction: UserTransaction, request: TurnRequest, turn: KnownTurn
    ) -> OpenTurn:
        user_id = request.identity.user_id
        conversations = ConversationRepository(transaction, user_id)
        # 2 fetch history, 3 build input: as they were when the message was stored
        stored_at = await conversations.stored_at(turn.user_message_id)
        history = await self._history(
            conversations, turn.conversation_id, before=(stored_at, turn.user_message_id)
        )
        # 4 persist the user's message: it is there; the turn becomes ours
        turns = TurnRepository(transaction, user_id)
        if not await turns.take_over(turn.id, turn.attempt, self.lease_seconds):
            raise LostRace()
        lease = self._lease(user_id, turn.id, attempt=turn.attempt + 1)
        journal = StoredJournal(
            lease, request.deadline, turn.steps, list(turn.tool_results.values())
        )
        return OpenTurn(turn.conversation_id, lease, journal, history, taken_over=turn.abandoned)

    async def _history(
        self,
        conversations: ConversationRepository,
        conversation_id: UUID,
        *,
        before: tuple[datetime, UUID] | None = None,
    ) -> Sequence[HistoryMessage]:
        with step_span("history"):
            newest_first = await conversations.newest_messages(
                conversation_id, self.history_limits.max_messages, before=before
            )
            return select_history(newest_first, self.history_limits)

    async def _run(self, request: TurnRequest, opened: OpenTurn, outcome: Outcome) -> str:
        """Run the agent and close the turn while the lease is kept, or record why it failed."""
        try:
            async with request.deadline.enforced(), opened.lease.kept():
                with outcome.step("agent"):
                    response = await self._run_agent(request, opened, outcome)  # 5
                with outcome.step("close"):
                    return await self._close(request, opened, response)  # 6
        except LeaseLost as error:
            raise TurnInProgress("Another attempt at this turn has begun.") from error
        except asyncio.CancelledError:
            await self._record_failure(opened.lease, INTERRUPTED)
            raise
        except Exception as error:
            await self._record_failure(opened.lease, failure_of(error))
            raise

    async def _run_agent(self, request: TurnRequest, opened: OpenTurn, outcome: Outcome) -> str:
        """Let the agent reason and act. No connection is held while it does."""
        self.metrics.history_shown(
            messages=len(opened.history),
            tokens=sum(estimate_tokens(message.content) for message in opened.history),
        )
        context = TurnContext(
            turn_id=opened.lease.turn_id,
            conversation_id=opened.conversation_id,
            identity=request.identity,
            started_at=request.started_at,
            deadline=request.deadline,
            journal=opened.journal,
            time_zone=request.time_zone,
            now=clock.now(),
            usage=outcome.usage,
        )
        return await self.agent.run(context, opened.history, request.message)

    async def _close(self, request: TurnRequest, opened: OpenTurn, response: str) -> str:
        user_id, lease = request.identity.user_id, opened.lease
        message_id = new_id()
        # Makes true: the answer is stored, once, and the conversation is free.
        async with self._transaction(request) as transaction:
            conversations = ConversationRepository(transaction, user_id)
            turns = TurnRepository(transaction, user_id)
            # First, so that a turn that opens waits here and then sees all of this.
            created_at = await conversations.add_answer(
                message_id, opened.conversation_id, response
            )
            body = render_answer(
                conversation_id=opened.conversation_id,
                turn_id=lease.turn_id,
                message_id=message_id,
                response=response,
                results=opened.journal.results,
                created_at=created_at,
            )
            if not await turns.complete(lease.turn_id, lease.attempt, body):
                raise LeaseLost()
        return body

    async def _record_failure(self, lease: Lease, failure: Failure) -> None:
        """Store why an attempt ended, if the database is there to store it."""
        _logger.warning("turn failed", extra=failure)
        try:
            async with asyncio.timeout(FAILURE_SECONDS):
                # Makes true: the same key may resume the turn at once, and others may pass.
                async with self.database.user_transaction(
                    lease.user_id, timeout_seconds=FAILURE_SECONDS
                ) as transaction:
                    await TurnRepository(transaction, lease.user_id).fail(
                        lease.turn_id, lease.attempt, failure
                    )
        except (DatabaseUnavailable, TimeoutError):
            _logger.warning("a turn's failure was not stored; its lease will run out")

    def _lease(self, user_id: UUID, turn_id: UUID, attempt: int) -> Lease:
        return Lease(self.database, user_id, turn_id, attempt, self.lease_seconds)

    def _transaction(self, request: TurnRequest) -> AbstractAsyncContextManager[UserTransaction]:
        return self.database.user_transaction(
            request.identity.user_id, timeout_seconds=request.deadline.remaining_seconds()
        )


def failure_of(error: Exception) -> Failure:
    """Say in the turn's row what the person was told. A bug is not retryable by itself."""
    problem = error if isinstance(error, Problem) else InternalError()
    return {"code": problem.code, "retryable": problem.status in RETRYABLE_STATUSES}
