"""SQL of turns by the message that they answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from sqlalchemy import and_, bindparam, func, select

from chat_gateway.conversations.models import message_table as message
from chat_gateway.turns.models import turn_table as turn
from chat_gateway.turns.rows import KnownTurn
from chat_gateway.turns.states import Failure, TurnState

_RUNNING: Final = turn.c.state == TurnState.RUNNING.value
_TURN_OF: Final = (
    select(
        message.c.content,
        message.c.created_at,
        turn.c.failure,
        turn.c.id,
        turn.c.conversation_id,
        turn.c.user_message_id,
        turn.c.idempotency_key,
        turn.c.request_hash,
        turn.c.state,
        turn.c.attempt,
        and_(_RUNNING, turn.c.lease_expires_at < func.clock_timestamp()).label("abandoned"),
        turn.c.steps,
        turn.c.tool_results,
        turn.c.answer,
    )
    .join(turn, and_(turn.c.user_id == message.c.user_id, turn.c.user_message_id == message.c.id))
    .where(
        message.c.user_id == bindparam("of_user"),
        message.c.id == bindparam("of_message"),
        message.c.conversation_id == bindparam("of_conversation"),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class AskedTurn:
    """A turn with the message that it answers. stored_at: of the message, aware UTC."""

    message: str
    stored_at: datetime
    failure: Failure | None
    turn: KnownTurn


@dataclass(frozen=True, slots=True)
class ItemRepository:
    """The messages of one user and their turns, inside one transaction of theirs."""

    transaction: UserTransaction

    async def turn_of(self, conversation_id: UUID, message_id: UUID) -> AskedTurn | None:
        """The turn of a person's message of this conversation.

        Returns: None: no such message, or one that is an answer.
        Index: message_pkey, turn_of_message.
        """
        rows = await self.transaction.execute(
            _TURN_OF, {"of_conversation": conversation_id, "of_message": message_id}
        )
        row = rows.one_or_none()
        if row is None:
            return None
        stored = dict(row._mapping)
        said, stored_at = stored.pop("content"), stored.pop("created_at")
        failure = stored.pop("failure")
        return AskedTurn(
            said, stored_at, failure, KnownTurn(**{**stored, "state": TurnState(row.state)})
        )
