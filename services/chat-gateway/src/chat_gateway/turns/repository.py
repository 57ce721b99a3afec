"""SQL of turns. Every write names the attempt that it belongs to; the database's clock counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue
from servicekit.database.transactions import UserTransaction
from sqlalchemy import ColumnElement, Text, and_, bindparam, cast, func, or_, select, update
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


def _lease_end(lease_seconds: float) -> ColumnElement[object]:
    return func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, lease_seconds)


@dataclass(frozen=True, slots=True)
class TurnRepository:
    """The turns of one user, inside one transaction of theirs."""

    transaction: UserTransaction
    user_id: UUID

    async def conversation_of(self, idempotency_key: str) -> UUID | None:
        """The conversation of the turn with this key. Index: turn_user_id_idempotency_key_key."""
        found = await self.transaction.execute(
            select(turn.c.conversation_id).where(
                turn.c.user_id == self.user_id, turn.c.idempotency_key == idempotency_key
            )
        )
        return found.scalar_one_or_none()

    async def find(self, conversation_id: UUID, idempotency_key: str | None) -> Sequence[KnownTurn]:
        """The turn with this key, wherever it is, and the running turn of the conversation.

        Returns: none, one or two turns; the two may be one.
        Index: turn_user_id_idempotency_key_key, turn_running_per_conversation.
        """
        running = and_(turn.c.conversation_id == conversation_id, turn.c.state == TurnState.RUNNING)
        wanted = (
            running
            if idempotency_key is None
            else or_(turn.c.idempotency_key == idempotency_key, running)
        )
        expired = turn.c.lease_expires_at < func.clock_timestamp()
        rows = await self.transaction.execute(
            select(
                turn.c.id,
                turn.c.conversation_id,
                turn.c.user_message_id,
                turn.c.idempotency_key,
                turn.c.request_hash,
                turn.c.state,
                turn.c.attempt,
                func.coalesce(expired, False).label("abandoned"),
                turn.c.steps,
                turn.c.tool_results,
                turn.c.answer,
            ).where(turn.c.user_id == self.user_id, wanted)
        )
        return [KnownTurn(**{**row._mapping, "state": TurnState(row.state)}) for row in rows]

    async def open(self, opening: NewTurn, lease_seconds: float) -> bool:
        """Store a running turn at its first attempt.

        Returns: False when another request was faster: the key is taken, or the conversation has
            a running turn.
        """
        opened = await self.transaction.execute(
            insert(turn)
            .values(
                user_id=self.user_id,
                id=opening.id,
                conversation_id=opening.conversation_id,
                user_message_id=opening.user_message_id,
                idempotency_key=opening.idempotency_key,
                request_hash=opening.request_hash,
                state=TurnState.RUNNING,
                attempt=1,
                lease_expires_at=_lease_end(lease_seconds),
            )
            .on_conflict_do_nothing()
            .returning(turn.c.id)
        )
        return opened.one_or_none() is not None

    async def pass_over(self, turn_id: UUID) -> bool:
        """Fail an abandoned turn, so that its conversation can go on.

        Returns: False when it is not abandoned any more.
        """
        return await self._update(
            turn_id,
            turn.c.state == TurnState.RUNNING,
            turn.c.lease_expires_at < func.clock_timestamp(),
            state=TurnState.FAILED,
            failure=LEASE_EXPIRED,
            lease_expires_at=None,
        )

    async def take_over(self, turn_id: UUID, attempt: int, lease_seconds: float) -> bool:
        """Begin the next attempt at a failed or abandoned turn.

        Args: attempt: the last one, as it was read.
        Returns: False when another process was faster, or the turn is not free any more.
        """
        return await self._update(
            turn_id,
            turn.c.attempt == attempt,
            or_(
                turn.c.state == TurnState.FAILED,
                and_(
                    turn.c.state == TurnState.RUNNING,
                    turn.c.lease_expires_at < func.clock_timestamp(),
                ),
            ),
            state=TurnState.RUNNING,
            attempt=attempt + 1,
            lease_expires_at=_lease_end(lease_seconds),
            failure=None,
        )

    async def renew(self, turn_id: UUID, attempt: int, lease_seconds: float) -> bool:
        """Run the lease on from now. Returns: False when the attempt is over."""
        return await self._update_running(
            turn_id, attempt, lease_expires_at=_lease_end(lease_seconds)
        )

    async def add_step(
        self, turn_id: UUID, attempt: int, step: dict[str, JsonValue], lease_seconds: float
    ) -> bool:
        """Append a model step, and renew the lease. Returns: False when the attempt is over."""
        return await self._update_running(
            turn_id,
            attempt,
            steps=turn.c.steps.op("||")(func.jsonb_build_array(_json(step))),
            lease_expires_at=_lease_end(lease_seconds),
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
        added = func.jsonb_build_object(cast(str(ordinal), Text), _json(result))
        return await self._update_running(
            turn_id,
            attempt,
            tool_results=turn.c.tool_results.op("||")(added),
            lease_expires_at=_lease_end(lease_seconds),
        )

    async def complete(self, turn_id: UUID, attempt: int, answer: str) -> bool:
        """Store the answer. Returns: False when the attempt is over."""
        return await self._update_running(
            turn_id, attempt, state=TurnState.COMPLETED, answer=answer, lease_expires_at=None
        )

    async def fail(self, turn_id: UUID, attempt: int, failure: Failure) -> bool:
        """Store why the attempt failed. Returns: False when the attempt is over."""
        return await self._update_running(
            turn_id, attempt, state=TurnState.FAILED, failure=failure, lease_expires_at=None
        )

    async def _update_running(self, turn_id: UUID, attempt: int, **values: object) -> bool:
        """The fence: what an attempt writes counts only while it is the turn's last and running."""
        return await self._update(
            turn_id,
            turn.c.attempt == attempt,
            turn.c.state == TurnState.RUNNING,
            **values,
        )

    async def _update(
        self, turn_id: UUID, *conditions: ColumnElement[bool], **values: object
    ) -> bool:
        """Index: turn_pkey."""
        updated = await self.transaction.execute(
            update(turn)
            .where(turn.c.user_id == self.user_id, turn.c.id == turn_id, *conditions)
            .values(updated_at=func.clock_timestamp(), **values)
            .returning(turn.c.id)
        )
        return updated.one_or_none() is not None


def _json(value: dict[str, JsonValue]) -> ColumnElement[object]:
    return bindparam(None, value, type_=JSONB)
