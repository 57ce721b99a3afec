"""SQL of turns. Every write names the attempt that it belongs to; the database's clock counts.

The statements are built once: building one costs as much CPU as running it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
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

from chat_gateway.turns.models import turn_table as turn
from chat_gateway.turns.states import LEASE_EXPIRED, Failure, TurnState


@dataclass(frozen=True, slots=True)
class NewTurn:
    """What is stored of a turn when it opens."""

    id: UUID
    conversation_id: UUID
    user_message_id: UUID
    idempotency_key: str | None
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class KnownTurn:
    """A turn as it is stored. `abandoned`: running by its state, but its lease has run out."""

    id: UUID
    conversation_id: UUID
    user_message_id: UUID
    idempotency_key: str | None
    request_hash: bytes
    state: TurnState
    attempt: int
    abandoned: bool
    steps: list[JsonValue]
    tool_results: dict[str, JsonValue]
    answer: str | None


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


def _change(*conditions: ColumnElement[bool], **values: object) -> Executable:
    """An update of one turn by its key (index turn_pkey), which says whether it was done."""
    change = update(turn).where(*conditions).values(updated_at=_NOW, **values)
    return change.returning(turn.c.id)


_CONVERSATION_OF: Final = select(turn.c.conversation_id).where(
    turn.c.user_id == bindparam("of_user"), turn.c.idempotency_key == bindparam("key")
)
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
_RUNNING_HERE: Final = and_(turn.c.conversation_id == bindparam("of_conversation"), _RUNNING)
_FIND: Final = _KNOWN.where(_RUNNING_HERE)
_FIND_BY_KEY: Final = _KNOWN.where(or_(turn.c.idempotency_key == bindparam("key"), _RUNNING_HERE))
_OPEN: Final = (
    insert(turn)
    .values(
        user_id=bindparam("of_user"),
        id=bindparam("of_turn"),
        conversation_id=bindparam("of_conversation"),
        user_message_id=bindparam("message"),
        idempotency_key=bindparam("key"),
        request_hash=bindparam("hash"),
        state=TurnState.RUNNING,
        attempt=1,
        lease_expires_at=_LEASE_END,
    )
    .on_conflict_do_nothing()
    .returning(turn.c.id)
)
_PASS_OVER: Final = _change(
    *_THIS, _ABANDONED, state=TurnState.FAILED, failure=LEASE_EXPIRED, lease_expires_at=None
)
_TAKE_OVER: Final = _change(
    *_THIS,
    _OF_ATTEMPT,
    or_(turn.c.state == literal_column(f"'{TurnState.FAILED}'"), _ABANDONED),
    state=TurnState.RUNNING,
    attempt=turn.c.attempt + 1,
    lease_expires_at=_LEASE_END,
    failure=None,
)
_RENEW: Final = _change(*_FENCE, lease_expires_at=_LEASE_END)
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
_COMPLETE: Final = _change(
    *_FENCE, state=TurnState.COMPLETED, answer=bindparam("stored_answer"), lease_expires_at=None
)
_FAIL: Final = _change(
    *_FENCE,
    state=TurnState.FAILED,
    failure=bindparam("why", type_=JSONB),
    lease_expires_at=None,
)


@dataclass(frozen=True, slots=True)
class TurnRepository:
    """The turns of one user, inside one transaction of theirs."""

    transaction: UserTransaction
    user_id: UUID

    async def conversation_of(self, idempotency_key: str) -> UUID | None:
        """The conversation of the turn with this key. Index: turn_user_id_idempotency_key_key."""
        found: UUID | None = await self.transaction.scalar(
            _CONVERSATION_OF, {"of_user": self.user_id, "key": idempotency_key}
        )
        return found

    async def find(self, conversation_id: UUID, idempotency_key: str | None) -> Sequence[KnownTurn]:
        """The turn with this key, wherever it is, and the running turn of the conversation.

        Returns: none, one or two turns; the two may be one.
        Index: turn_user_id_idempotency_key_key, turn_running_per_conversation.
        """
        given: dict[str, object] = {"of_user": self.user_id, "of_conversation": conversation_id}
        if idempotency_key is None:
            rows = await self.transaction.execute(_FIND, given)
        else:
            rows = await self.transaction.execute(_FIND_BY_KEY, {**given, "key": idempotency_key})
        return [KnownTurn(**{**row._mapping, "state": TurnState(row.state)}) for row in rows]

    async def open(self, opening: NewTurn, lease_seconds: float) -> bool:
        """Store a running turn at its first attempt.

        Returns: False when another request was faster: the key is taken, or the conversation has
            a running turn.
        """
        return await self._did(
            _OPEN,
            opening.id,
            of_conversation=opening.conversation_id,
            message=opening.user_message_id,
            key=opening.idempotency_key,
            hash=opening.request_hash,
            lease_seconds=lease_seconds,
        )

    async def pass_over(self, turn_id: UUID) -> bool:
        """Fail an abandoned turn, so that its conversation can go on.

        Returns: False when it is not abandoned any more.
        """
        return await self._did(_PASS_OVER, turn_id)

    async def take_over(self, turn_id: UUID, attempt: int, lease_seconds: float) -> bool:
        """Begin the next attempt at a failed or abandoned turn.

        Args: attempt: the last one, as it was read.
        Returns: False when another process was faster, or the turn is not free any more.
        """
        return await self._did(_TAKE_OVER, turn_id, of_attempt=attempt, lease_seconds=lease_seconds)

    async def renew(self, turn_id: UUID, attempt: int, lease_seconds: float) -> bool:
        """Run the lease on from now. Returns: False when the attempt is over."""
        return await self._did(_RENEW, turn_id, of_attempt=attempt, lease_seconds=lease_seconds)

    async def add_step(
        self, turn_id: UUID, attempt: int, step: dict[str, JsonValue], lease_seconds: float
    ) -> bool:
        """Append a model step, and renew the lease. Returns: False when the attempt is over."""
        return await self._did(
            _ADD_STEP, turn_id, of_attempt=attempt, step=step, lease_seconds=lease_seconds
        )

    async def set_result(
        self,
        turn_id: UUID,
        attempt: int,
        ordinal: int,
        result: dict[str, JsonValue],
        lease_seconds: float,
    ) -> bool:
        """Store a call's result, and renew the lease. Returns: False when the attempt is over."""
        return await self._did(
            _SET_RESULT,
            turn_id,
            of_attempt=attempt,
            ordinal=str(ordinal),
            result=result,
            lease_seconds=lease_seconds,
        )

    async def complete(self, turn_id: UUID, attempt: int, answer: str) -> bool:
        """Store the answer. Returns: False when the attempt is over."""
        return await self._did(_COMPLETE, turn_id, of_attempt=attempt, stored_answer=answer)

    async def fail(self, turn_id: UUID, attempt: int, failure: Failure) -> bool:
        """Store why the attempt failed. Returns: False when the attempt is over."""
        return await self._did(_FAIL, turn_id, of_attempt=attempt, why=failure)

    async def _did(self, statement: Executable, turn_id: UUID, **values: object) -> bool:
        """Run a statement that returns the turn it changed. Returns: whether it changed one."""
        changed = await self.transaction.scalar(
            statement, {"of_user": self.user_id, "of_turn": turn_id, **values}
        )
        return changed is not None
