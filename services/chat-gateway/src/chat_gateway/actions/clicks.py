"""A click: one tool call that the person has decided on, without the model and without a message.

It is a turn all the same: a row with a key, a lease and a journal of one step, opened before the
call and closed with the stored answer. So it is repeated, resumed and audited as a turn is; what a
click is called by its client says which tool, and nothing here reads what stands in its arguments.
Source: ADR 0026.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter
from servicekit import clock
from servicekit.database.transactions import Database, UserTransaction
from servicekit.identifiers import new_id
from servicekit.tokens.claims import Identity

from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.errors import ConversationNotFound, TurnInProgress
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.telemetry.spans import step_span
from chat_gateway.turns.attempt import Attempt
from chat_gateway.turns.budget import Budget, LostRace
from chat_gateway.turns.chat_answer import TurnAnswer
from chat_gateway.turns.closing import failure_stored
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.idempotency import click_hash, stored_answer
from chat_gateway.turns.journal import LeaseLost, ModelStep, ToolCallRequest, ToolResult
from chat_gateway.turns.lease import Lease
from chat_gateway.turns.observation import Outcome, measured
from chat_gateway.turns.opening import LOOKS
from chat_gateway.turns.report import TurnReport
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.rows import Known, NewClick
from chat_gateway.turns.runner import TurnContext
from chat_gateway.turns.stored_journal import StoredJournal
from chat_gateway.turns.tool_calls import ToolCall, tool_calls

CALL_ID: Final = "click"
_STEP: Final = TypeAdapter(ModelStep)


class ToolRunner(Protocol):
    """Makes tool calls; `tools/one_call.py` is the one that does."""

    async def run(self, context: TurnContext, call_id: str) -> ToolResult:
        """Make a call that the turn's journal asks for, and record what it came to.

        Raises: ToolsUnavailable, DatabaseUnavailable (503); DeadlineExceeded (504); LeaseLost.
            No call runs on after it has returned or raised.
        """
        ...


class ClickAnswer(BaseModel):
    """What is stored as the answer of a click. conversation_id: None: it named none."""

    model_config = ConfigDict(frozen=True)

    conversation_id: UUID | None
    turn_id: UUID
    tool_call: ToolCall


@dataclass(frozen=True, slots=True)
class ClickRequest:
    """What a person has clicked.

    conversation_id: that it is about, None for none. action: as the client calls it, one of six.
    arguments: of the tool, without `user_id`; storable. started_at: when their token was checked.
    arrived_at: when the request came, on the clock of `time.perf_counter`.
    """

    identity: Identity
    conversation_id: UUID | None
    action: str
    tool: str
    arguments: Mapping[str, JsonValue]
    idempotency_key: str | None
    started_at: datetime
    deadline: Deadline
    arrived_at: float


@dataclass(frozen=True, slots=True)
class _OpenClick:
    lease: Lease
    journal: StoredJournal
    taken_over: bool = False


@dataclass(frozen=True, slots=True)
class _Done:
    """A click that is over."""

    turn_id: UUID
    answer: str


@dataclass(frozen=True, slots=True)
class ClickService:
    """Runs clicks. lease_seconds: how long a click stays ours without a sign of life."""

    database: Database
    tools: ToolRunner
    metrics: GatewayMetrics
    budget: Budget
    lease_seconds: float

    async def answer(self, request: ClickRequest) -> TurnAnswer:
        """Do what was clicked, once.

        Returns: a ClickAnswer as JSON; a call that ended in a tool's error is one too.
        Raises: ConversationNotFound (404); TurnInProgress (409): the same key runs;
            IdempotencyKeyReused (422); BudgetUsedUp (429); DatabaseUnavailable,
            ToolsUnavailable (503); DeadlineExceeded (504).
        """
        with measured(
            self.metrics, request.identity.user_id, request.arrived_at, action=request.action
        ) as outcome:
            with step_span("open"):
                async with request.deadline.enforced():
                    opened = await self._open(request)
            if isinstance(opened, _Done):
                outcome.told_again(opened.turn_id)
                return TurnAnswer(body=opened.answer, replayed=True)
            with outcome.running(
                opened.lease.attempt, request.conversation_id, taken_over=opened.taken_over
            ):
                return TurnAnswer(body=await self._run(request, opened, outcome), replayed=False)

    async def _open(self, request: ClickRequest) -> _OpenClick | _Done:
        for _ in range(LOOKS):
            try:
                # Makes true: the call is recorded, and ours to make.
                async with self._transaction(request) as transaction:
                    return await self._open_in(transaction, request)
            except LostRace:
                continue
        raise TurnInProgress("This very request is still running. Wait for it, then try again.")

    async def _open_in(
        self, transaction: UserTransaction, request: ClickRequest
    ) -> _OpenClick | _Done:
        turns = TurnRepository(transaction)
        conversation_id, key = request.conversation_id, request.idempotency_key
        conversations = ConversationRepository(transaction)
        if conversation_id is not None and not await conversations.holds(conversation_id):
            raise ConversationNotFound()
        requested = click_hash(conversation_id, request.action, request.arguments)
        known = None if key is None else await turns.by_key(key)
        if known is None:
            return await self._begin_in(turns, request, requested)
        if (answer := stored_answer(known, requested)) is not None:
            return _Done(known.id, answer)
        return await self._resume_in(turns, request, known)

    async def _begin_in(
        self, turns: TurnRepository, request: ClickRequest, requested: bytes
    ) -> _OpenClick:
        call = ToolCallRequest(0, CALL_ID, request.tool, dict(request.arguments))
        step: JsonValue = _STEP.dump_python(ModelStep(0, {}, (call,)), mode="json")
        click = NewClick(request.conversation_id, request.idempotency_key, requested, step)
        first = Attempt(new_id(), 1, self.lease_seconds)
        await self.budget.open(turns, click, first)
        lease = Lease(self.database, request.identity.user_id, first)
        return _OpenClick(lease, StoredJournal(lease, request.deadline, [step]))

    async def _resume_in(
        self, turns: TurnRepository, request: ClickRequest, click: Known
    ) -> _OpenClick:
        last = Attempt(click.id, click.attempt, self.lease_seconds)
        await self.budget.take_over(turns, last)
        lease = Lease(self.database, request.identity.user_id, last.next())
        journal = StoredJournal(
            lease, request.deadline, click.steps, list(click.tool_results.values())
        )
        return _OpenClick(lease, journal, taken_over=click.abandoned)

    async def _run(self, request: ClickRequest, opened: _OpenClick, outcome: Outcome) -> str:
        """Make the call and close the click while the lease is kept, or record why it failed."""
        context = _context(request, opened, outcome)
        report = TurnReport(context, request.idempotency_key is not None, has_message=False)
        async with (
            failure_stored(self.database, self.budget, opened.lease, report),
            request.deadline.enforced(),
            opened.lease.kept(),
        ):
            result = await self.tools.run(context, CALL_ID)
            with step_span("close"):
                body = await self._close(request, opened, result)
        if result.error is not None:
            outcome.refused_by_tool(result.error["code"])
        return body

    async def _close(self, request: ClickRequest, opened: _OpenClick, result: ToolResult) -> str:
        lease = opened.lease
        (call,) = tool_calls([result])
        body = ClickAnswer(
            conversation_id=request.conversation_id,
            turn_id=lease.attempt.turn_id,
            tool_call=call,
        ).model_dump_json()
        # Makes true: the same key gets this answer from now on.
        async with self._transaction(request) as transaction:
            if not await TurnRepository(transaction).complete(lease.attempt, body, None):
                raise LeaseLost()
        return body

    def _transaction(self, request: ClickRequest) -> AbstractAsyncContextManager[UserTransaction]:
        return self.database.user_transaction(
            request.identity.user_id, timeout_seconds=request.deadline.remaining_seconds()
        )


def _context(request: ClickRequest, opened: _OpenClick, outcome: Outcome) -> TurnContext:
    return TurnContext(
        turn_id=opened.lease.attempt.turn_id,
        conversation_id=request.conversation_id,
        identity=request.identity,
        started_at=request.started_at,
        deadline=request.deadline,
        journal=opened.journal,
        time_zone=None,
        now=clock.now(),
        usage=outcome.usage,
        in_doubt=opened.journal.open_calls() if opened.lease.attempt.number > 1 else set(),
    )
