"""One turn, from the person's message to the stored answer. Law 7 is this file, top to bottom.

1 receive · 2 fetch history · 3 build input · 4 persist the user's message · 5 run the agent ·
6 persist the answer · 7 return it

A client that goes away does not end its turn: the turn runs on, within its deadline, and the same
Idempotency-Key gets the stored answer. A process that is told to stop lets its turns end; one that
has to be cut off gives its lease back, and one that is killed lets it run out.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from uuid import UUID

from servicekit.database.transactions import Database, UserTransaction
from servicekit.identifiers import new_id

from chat_gateway.conversations.history import HistoryLimits, HistoryMessage, estimate_tokens
from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.conversations.titles import title_of
from chat_gateway.errors import ModelError, TurnInProgress
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.telemetry.spans import step_span
from chat_gateway.turns.asking import OpenTurn, Replayed, TurnRequest
from chat_gateway.turns.attempt import Attempt
from chat_gateway.turns.budget import Budget, LostRace
from chat_gateway.turns.chat_answer import TurnAnswer
from chat_gateway.turns.closing import failure_stored, store_answer
from chat_gateway.turns.events import Closed, NewConversation, Opened, nobody
from chat_gateway.turns.following import follow, never, problem_of
from chat_gateway.turns.hearing import measured_listener
from chat_gateway.turns.idempotency import request_hash
from chat_gateway.turns.lease import Lease
from chat_gateway.turns.observation import Outcome, measured
from chat_gateway.turns.opening import (
    LOOKS,
    Begin,
    Replay,
    Resume,
    RunsByNow,
    admit,
    admit_after,
)
from chat_gateway.turns.past_turns import without_notes
from chat_gateway.turns.report import TurnReport
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.retelling import opened_again_in, recorded
from chat_gateway.turns.rows import KnownTurn, NewTurn
from chat_gateway.turns.runner import AgentRunner, TurnContext
from chat_gateway.turns.shown_history import shown_history
from chat_gateway.turns.states import TurnState
from chat_gateway.turns.stored_journal import StoredJournal


@dataclass(frozen=True, slots=True)
class TurnService:
    """Runs turns. lease_seconds: how long a turn stays ours without a sign of life."""

    database: Database
    agent: AgentRunner
    metrics: GatewayMetrics
    budget: Budget
    history_limits: HistoryLimits
    lease_seconds: float

    async def answer(self, request: TurnRequest) -> TurnAnswer:
        """Answer a person's message, once.

        Raises: ConversationNotFound (404); TurnInProgress (409); IdempotencyKeyReused (422);
            BudgetUsedUp (429); ModelError (502); DatabaseUnavailable, ModelUnavailable,
            ToolsUnavailable (503); DeadlineExceeded (504).
        Source: architecture.md, law 7 and "The life of a turn"; contract.md "Retries".
        """
        # 1 receive: api/chat.py has checked origin, token, path and body.
        with measured(self.metrics, request.identity.user_id, request.arrived_at) as outcome:
            return await self._answer(request, outcome)

    async def answer_after(
        self, request: TurnRequest, item_id: UUID, has_left: Callable[[], bool] = never
    ) -> TurnAnswer | None:
        """Answer a stored message, once: give its answer again, follow its turn, or go on with it.

        Args: request: its message is not read. item_id: of the message. has_left: whether the
            reader is gone, with whom a follow ends; a turn that runs here does not.
        Returns: None: the reader left a turn that runs elsewhere.
        Raises: InvalidRequest (422): the conversation has no such message of the person's; as
            `answer`. What a followed turn failed with is raised as it was stored.
        Source: contract.md "The ChatKit body".
        """
        with measured(self.metrics, request.identity.user_id, request.arrived_at) as outcome:
            while True:
                async with request.deadline.enforced():
                    followed = await follow(self.database, request, item_id, has_left)
                asked = followed.asked
                if followed.reader_left:
                    outcome.told_again(asked.turn.id)
                    return None
                if followed.was_running and asked.turn.state is TurnState.FAILED:
                    outcome.told_again(asked.turn.id)
                    raise problem_of(asked.failure)
                again = replace(request, message=asked.message, after_item=item_id)
                # Of those who would go on with it at once, one does, and the others follow it.
                with suppress(RunsByNow):
                    return await self._answer(again, outcome)

    async def _answer(self, request: TurnRequest, outcome: Outcome) -> TurnAnswer:
        listener = measured_listener(request.listener, self.metrics.streams, request.arrived_at)
        request = replace(request, listener=listener)
        with outcome.step("open"):
            async with request.deadline.enforced():
                opened = await self._open(request)  # 2, 3, 4
        if isinstance(opened, Replayed):
            outcome.told_again(opened.turn_id)
            for event in opened.events:
                request.listener(event)
            request.listener(Closed(opened.answer, replayed=True))
            return TurnAnswer(body=opened.answer, replayed=True)
        request.listener(opened.event)
        with outcome.running(
            opened.lease.attempt, opened.conversation_id, taken_over=opened.taken_over
        ):
            body = await self._run(request, opened, outcome)  # 5, 6
        request.listener(Closed(body, replayed=False))
        return TurnAnswer(body=body, replayed=False)  # 7

    async def _open(self, request: TurnRequest) -> OpenTurn | Replayed:
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
    ) -> OpenTurn | Replayed:
        requested = request_hash(request.conversation_id, request.message)
        match await self._admit(transaction, request, requested):
            case Replay(turn, answer):
                return await self._replay_in(transaction, request, turn, answer)
            case Resume(turn):
                return await self._resume_in(transaction, request, turn)
            case Begin() as begin:
                return await self._begin_in(transaction, request, begin, requested)

    async def _admit(
        self, transaction: UserTransaction, request: TurnRequest, requested: bytes
    ) -> Begin | Resume | Replay:
        conversation_id, item_id = request.conversation_id, request.after_item
        if conversation_id is not None and item_id is not None:
            return await admit_after(transaction, conversation_id, item_id)
        return await admit(transaction, conversation_id, request.idempotency_key, requested)

    async def _replay_in(
        self, transaction: UserTransaction, request: TurnRequest, turn: KnownTurn, answer: str
    ) -> Replayed:
        if request.listener is nobody:
            return Replayed(turn.id, answer)
        conversations = ConversationRepository(transaction)
        opened = await _opened_again(conversations, request, turn, replayed=True)
        return Replayed(turn.id, answer, [opened, *recorded(turn)])

    async def _begin_in(
        self,
        transaction: UserTransaction,
        request: TurnRequest,
        begin: Begin,
        requested: bytes,
    ) -> OpenTurn:
        conversation_id = begin.conversation_id
        conversations = ConversationRepository(transaction)
        # 2 fetch history, 3 build input
        is_new = begin.is_new_conversation
        turns = TurnRepository(transaction)
        history: Sequence[HistoryMessage] = ()
        if not is_new:
            history = await shown_history(transaction, self.history_limits, conversation_id)
        # 4 persist the user's message
        first = Attempt(new_id(), 1, self.lease_seconds)
        turn = NewTurn(
            conversation_id=conversation_id,
            user_message_id=new_id(),
            idempotency_key=request.idempotency_key,
            request_hash=requested,
        )
        with step_span("message"):
            created = None
            if is_new:
                title = title_of(request.message)
                began_at = await conversations.create(conversation_id, title)
                created = NewConversation(title, began_at)
            stored_at = await conversations.add_message(
                turn.user_message_id, conversation_id, "user", request.message
            )
            assert stored_at is not None  # it is held, or was begun a moment ago
            await self.budget.open(turns, turn, first)
        lease = Lease(self.database, request.identity.user_id, first)
        event = Opened(
            conversation_id=conversation_id,
            turn_id=first.turn_id,
            message_id=turn.user_message_id,
            message=request.message,
            stored_at=stored_at,
            created=created,
        )
        journal = StoredJournal(lease, request.deadline)
        return OpenTurn(conversation_id, event, lease, journal, history)

    async def _resume_in(
        self, transaction: UserTransaction, request: TurnRequest, turn: KnownTurn
    ) -> OpenTurn:
        conversations, turns = ConversationRepository(transaction), TurnRepository(transaction)
        # 2 fetch history, 3 build input: as they were when the message was stored
        event = await _opened_again(conversations, request, turn)
        before = (event.stored_at, turn.user_message_id)
        history = await shown_history(
            transaction, self.history_limits, turn.conversation_id, before=before
        )
        # 4 persist the user's message: it is there; the turn becomes ours
        last = Attempt(turn.id, turn.attempt, self.lease_seconds)
        await self.budget.take_over(turns, last)
        lease = Lease(self.database, request.identity.user_id, last.next())
        journal = StoredJournal(
            lease, request.deadline, turn.steps, list(turn.tool_results.values())
        )
        return OpenTurn(
            turn.conversation_id, event, lease, journal, history, taken_over=turn.abandoned
        )

    async def _run(self, request: TurnRequest, opened: OpenTurn, outcome: Outcome) -> str:
        """Run the agent and close the turn while the lease is kept, or record why it failed."""
        context = opened.context(request, outcome.usage)
        report = TurnReport(
            context,
            has_key=request.idempotency_key is not None,
            has_items=request.has_items,
        )
        kept = opened.lease.kept(watched=context.voice.is_heard)
        async with (
            failure_stored(self.database, self.budget, opened.lease, report),
            request.deadline.enforced(),
            kept,
        ):
            with outcome.step("agent"):
                response = await self._run_agent(request, opened, context)  # 5
            with outcome.step("close"):
                return await store_answer(  # 6
                    self.database, self.budget, request, opened, context, response
                )

    async def _run_agent(self, request: TurnRequest, opened: OpenTurn, context: TurnContext) -> str:
        """Let the agent reason and act. No connection is held while it does."""
        self.metrics.history_shown(
            messages=len(opened.history),
            tokens=sum(estimate_tokens(message.content) for message in opened.history),
        )
        response = await self.agent.run(context, opened.history, request.message)
        if not (answer := without_notes(response)):
            raise ModelError()
        return answer

    def _transaction(self, request: TurnRequest) -> AbstractAsyncContextManager[UserTransaction]:
        return self.database.user_transaction(
            request.identity.user_id, timeout_seconds=request.deadline.remaining_seconds()
        )


async def _opened_again(
    conversations: ConversationRepository,
    request: TurnRequest,
    turn: KnownTurn,
    *,
    replayed: bool = False,
) -> Opened:
    is_named = request.conversation_id is not None
    return await opened_again_in(
        conversations, turn, request.message, names_conversation=is_named, replayed=replayed
    )
