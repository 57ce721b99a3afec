"""SQL of turns. Every write names the attempt that it belongs to; the database's clock counts.

The statements are built once: building one costs as much CPU as running it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pydantic import JsonValue
from servicekit.database.transactions import UserTransaction
from sqlalchemy import (
    ColumnElement,
    Executable,
    Float,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.dml import ReturningUpdate

from chat_gateway.turns.attempt import Attempt
from chat_gateway.turns.budget_repository import (
    ended_and_counted,
    opened_and_counted,
    taken_up,
)
from chat_gateway.turns.models import turn_table as turn
from chat_gateway.turns.rows import (
    NO_LIMITS,
    Admitted,
    AnyTurn,
    DailyLimits,
    Ended,
    NewClick,
    NewTurn,
    known,
)
from chat_gateway.turns.states import DELETED, LEASE_EXPIRED, Failure, TurnState

_NOW: Final = func.clock_timestamp()
_LEASE_END: Final = _NOW + func.make_interval(
    0, 0, 0, 0, 0, 0, bindparam("lease_seconds", type_=Float)
)
_THIS: Final = (turn.c.user_id == bindparam("of_user"), turn.c.id == bindparam("of_turn"))
_OF_ATTEMPT: Final = turn.c.attempt == bindparam("of_attempt")
_RUNNING: Final = turn.c.state == literal_column(f"'{TurnState.RUNNING}'")
_ABANDONED: Final = and_(_RUNNING, turn.c.lease_expires_at < _NOW)
#: The fence: what an attempt writes counts only while it is the turn's last, and running.
_FENCE: Final = (*_THIS, _OF_ATTEMPT, _RUNNING)


def _changed_row(*conditions: ColumnElement[bool], **values: object) -> ReturningUpdate[Any]:
    change = update(turn).where(*conditions).values(updated_at=_NOW, **values)
    return change.returning(turn.c.id, turn.c.user_id, turn.c.attempt)


def _change(*conditions: ColumnElement[bool], **values: object) -> Executable:
    """An update of one turn by its key (index turn_pkey), which says whether it was done."""
    return _changed_row(*conditions, **values)


def _end(*conditions: ColumnElement[bool], **values: object) -> Executable:
    """As `_change`, and what the attempt has used is counted with it."""
    change = _changed_row(*conditions, lease_expires_at=None, **values)
    return ended_and_counted(change.cte("ended"))


_KNOWN: Final = select(
    turn.c.id,
    turn.c.conversation_id,
    turn.c.user_message_id,
    turn.c.idempotency_key,
    turn.c.request_hash,
    turn.c.state,
    turn.c.attempt,
    _ABANDONED.label("abandoned"),
    turn.c.steps,
    turn.c.tool_results,
    turn.c.answer,
).where(turn.c.user_id == bindparam("of_user"))
#: A click neither waits for a turn of its conversation nor holds one up.
_RUNNING_HERE: Final = and_(
    turn.c.conversation_id == bindparam("of_conversation"),
    turn.c.user_message_id.is_not(None),
    _RUNNING,
)
_BY_KEY: Final = _KNOWN.where(turn.c.idempotency_key == bindparam("key"))
_FIND: Final = _KNOWN.where(_RUNNING_HERE)
_FIND_BY_KEY: Final = _KNOWN.where(or_(turn.c.idempotency_key == bindparam("key"), _RUNNING_HERE))
_OPEN: Final = opened_and_counted(
    insert(turn)
    .values(
        user_id=bindparam("of_user"),
        id=bindparam("of_turn"),
        conversation_id=bindparam("of_conversation"),
        user_message_id=bindparam("message"),
        idempotency_key=bindparam("key"),
        request_hash=bindparam("hash"),
        state=TurnState.RUNNING,
        attempt=bindparam("of_attempt"),
        lease_expires_at=_LEASE_END,
        steps=bindparam("of_steps", type_=JSONB),
    )
    .on_conflict_do_nothing()
    .returning(turn.c.user_id)
    .cte("opened")
)
_PASS_OVER: Final = _change(
    *_THIS, _ABANDONED, state=TurnState.FAILED, failure=LEASE_EXPIRED, lease_expires_at=None
)
_TAKE_OVER: Final = taken_up(
    _changed_row(
        *_THIS,
        _OF_ATTEMPT,
        or_(turn.c.state == literal_column(f"'{TurnState.FAILED}'"), _ABANDONED),
        state=TurnState.RUNNING,
        attempt=turn.c.attempt + 1,
        lease_expires_at=_LEASE_END,
        failure=None,
    ).cte("taken")
)
_RENEW: Final = _change(*_FENCE, lease_expires_at=_LEASE_END)
_STANDS: Final = select(turn.c.id).where(*_FENCE)
_FAILURE: Final = select(turn.c.failure).where(*_THIS)
_ADD_STEP: Final = _change(
    *_FENCE,
    steps=turn.c.steps.op("||")(func.jsonb_build_array(bindparam("step", type_=JSONB))),
    lease_expires_at=_LEASE_END,
)
_SET_RESULT: Final = _change(
    *_FENCE,
    tool_results=turn.c.tool_results.op("||")(
        func.jsonb_build_object(bindparam("ordinal", type_=Text), bindparam("result", type_=JSONB))
    ),
    lease_expires_at=_LEASE_END,
)
_COMPLETE: Final = _end(
    *_FENCE,
    state=TurnState.COMPLETED,
    answer=bindparam("stored_answer"),
    answer_message_id=bindparam("answer_message"),
)
_FAIL: Final = _end(*_FENCE, state=TurnState.FAILED, failure=bindparam("why", type_=JSONB))


@dataclass(frozen=True, slots=True)
class TurnRepository:
    """The turns of one user, inside one transaction of theirs."""

    transaction: UserTransaction

    async def by_key(self, idempotency_key: str) -> AnyTurn | None:
        """The turn with this key, if any has it. Index: turn_user_id_idempotency_key_key."""
        rows = await self.transaction.execute(_BY_KEY, {"key": idempotency_key})
        return next((known({**row._mapping}) for row in rows), None)

    async def find(self, conversation_id: UUID, idempotency_key: str | None) -> Sequence[AnyTurn]:
        """The turn with this key, wherever it is, and the running turn of the conversation.

        Returns: none, one or two turns; the two may be one.
        Index: turn_user_id_idempotency_key_key, turn_running_per_conversation.
        """
        given = {"of_conversation": conversation_id, "key": idempotency_key}
        statement = _FIND if idempotency_key is None else _FIND_BY_KEY
        rows = await self.transaction.execute(statement, given)
        return [known({**row._mapping}) for row in rows]

    async def open(
        self, opening: NewTurn | NewClick, first: Attempt, limits: DailyLimits = NO_LIMITS
    ) -> Admitted | None:
        """Store a running turn at its first attempt, and count it.

        Returns: None when another request was faster: the key is taken, or the conversation has
            a running turn. The turn must not stay if a limit is used up.
        Index: daily_use_pkey.
        """
        return await self._admitted(
            _OPEN,
            first,
            limits,
            of_conversation=opening.conversation_id,
            message=opening.user_message_id if isinstance(opening, NewTurn) else None,
            key=opening.idempotency_key,
            hash=opening.request_hash,
            of_steps=[opening.step] if isinstance(opening, NewClick) else [],
        )

    async def pass_over(self, turn_id: UUID) -> bool:
        """Fail an abandoned turn, so that its conversation can go on.

        Returns: False when it is not abandoned any more.
        """
        return await self._changed(_PASS_OVER, {"of_turn": turn_id})

    async def take_over(self, last: Attempt, limits: DailyLimits = NO_LIMITS) -> Admitted | None:
        """Begin the attempt after this one at a failed or abandoned turn, counted when it opened.

        The fourth attempt and each after it count as turns of their day.

        Args: last: as it was read.
        Returns: None when another process was faster, or the turn is not free any more. It must
            not stay ours if a limit is used up.
        Index: turn_pkey, daily_use_pkey.
        """
        return await self._admitted(_TAKE_OVER, last, limits)

    async def renew(self, attempt: Attempt) -> bool:
        """Run the lease on from now. Returns: False when the attempt is over."""
        return await self._did(_RENEW, attempt, lease_seconds=attempt.lease_seconds)

    async def stands(self, attempt: Attempt) -> bool:
        """Whether the attempt may still write, and nothing but that. Index: turn_pkey."""
        return await self._did(_STANDS, attempt)

    async def failure_of(self, turn_id: UUID) -> Failure | None:
        """Why a turn failed, if it did and was not taken up again.

        Returns: DELETED: there is no such turn any more.
        Index: turn_pkey.
        """
        rows = await self.transaction.execute(_FAILURE, {"of_turn": turn_id})
        if (row := rows.one_or_none()) is None:
            return DELETED
        failure: Failure | None = row.failure
        return failure

    async def add_step(self, attempt: Attempt, step: dict[str, JsonValue]) -> bool:
        """Append a model step, and renew the lease. Returns: False when the attempt is over."""
        return await self._did(_ADD_STEP, attempt, step=step, lease_seconds=attempt.lease_seconds)

    async def set_result(
        self, attempt: Attempt, ordinal: int, result: dict[str, JsonValue]
    ) -> bool:
        """Store a call's result, and renew the lease. Returns: False when the attempt is over."""
        return await self._did(
            _SET_RESULT,
            attempt,
            ordinal=str(ordinal),
            result=result,
            lease_seconds=attempt.lease_seconds,
        )

    async def complete(
        self, attempt: Attempt, answer: str, message_id: UUID | None, *, tokens: int = 0
    ) -> Ended | None:
        """Store the answer, and count what the attempt used.

        Args: message_id: of the assistant's message, if there is one. tokens: of the model.
        Returns: None when the attempt is over.
        """
        given: dict[str, object] = {"stored_answer": answer, "answer_message": message_id}
        return await self._ended(_COMPLETE, attempt, tokens, given)

    async def fail(self, attempt: Attempt, failure: Failure, *, tokens: int = 0) -> Ended | None:
        """Store why the attempt failed, and count what it used.

        Args: tokens: of the model. Returns: None when the attempt is over.
        """
        return await self._ended(_FAIL, attempt, tokens, {"why": failure})

    async def _admitted(
        self, statement: Executable, attempt: Attempt, limits: DailyLimits, **values: object
    ) -> Admitted | None:
        """Run a statement that makes an attempt run. Returns: None: it does not."""
        given = {
            **_names(attempt),
            "lease_seconds": attempt.lease_seconds,
            "turns_per_day": limits.turns,
            "tokens_per_day": limits.model_tokens,
        }
        rows = await self.transaction.execute(statement, {**given, **values})
        return next((Admitted(**row._mapping) for row in rows), None)

    async def _ended(
        self, statement: Executable, attempt: Attempt, tokens: int, values: dict[str, object]
    ) -> Ended | None:
        given = {**_names(attempt), "tokens": tokens, **values}
        rows = await self.transaction.execute(statement, given)
        return next((Ended(**row._mapping) for row in rows), None)

    async def _did(self, statement: Executable, attempt: Attempt, **values: object) -> bool:
        """Run a statement about an attempt. Returns: whether it found, and changed, the turn."""
        return await self._changed(statement, {**_names(attempt), **values})

    async def _changed(self, statement: Executable, values: dict[str, object]) -> bool:
        """Run a statement that returns the turn it changed. Returns: whether it changed one."""
        return await self.transaction.scalar(statement, values) is not None


def _names(attempt: Attempt) -> dict[str, object]:
    return {"of_turn": attempt.turn_id, "of_attempt": attempt.number}
