"""SQL of what later turns of a conversation are told of the earlier ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from sqlalchemy import (
    JSON,
    ColumnElement,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    tuple_,
)

from chat_gateway.conversations.models import message_table as message
from chat_gateway.turns.models import turn_table as turn
from chat_gateway.turns.rows import PastTurn
from chat_gateway.turns.states import TurnState

_FAILED: Final = turn.c.state == literal_column(f"'{TurnState.FAILED}'")
#: Lists of a hundred tasks stay where they are: only what changed something is told of again.
_CHANGES: Final[ColumnElement[str]] = literal_column("'$.* ? (!(@.read_only == true))'::jsonpath")
_reply: Final = message.alias("reply")
_PAST: Final = (
    select(
        message.c.content.label("message"),
        turn.c.failure,
        # To unpack a stored answer costs a millisecond: only where nothing else leads to its words.
        func.coalesce(_reply.c.content, cast(turn.c.answer, JSON)["response"].as_string()).label(
            "response"
        ),
        func.jsonb_path_query_array(
            turn.c.tool_results, case((_FAILED, literal_column("'$.*'::jsonpath")), else_=_CHANGES)
        ).label("results"),
        case(
            (_FAILED, func.jsonb_path_query_array(turn.c.steps, literal_column("'$[*].calls[*]'"))),
            else_=literal_column("'[]'::jsonb"),
        ).label("calls"),
    )
    .join(
        turn,
        and_(turn.c.user_id == message.c.user_id, turn.c.user_message_id == message.c.id),
    )
    .outerjoin(
        _reply,
        and_(_reply.c.user_id == turn.c.user_id, _reply.c.id == turn.c.answer_message_id),
    )
    .where(
        message.c.user_id == bindparam("of_user"),
        message.c.conversation_id == bindparam("of_conversation"),
        message.c.role == literal_column("'user'"),
    )
    .order_by(message.c.created_at.desc(), message.c.id.desc())
    .limit(bindparam("at_most"))
)
_PAST_BEFORE: Final = _PAST.where(
    tuple_(message.c.created_at, message.c.id)
    < tuple_(
        bindparam("stored_at", type_=message.c.created_at.type),
        bindparam("of_message", type_=message.c.id.type),
    )
)


@dataclass(frozen=True, slots=True)
class PastTurnRepository:
    """The turns of one user as their history, inside one transaction of theirs."""

    transaction: UserTransaction

    async def newest(
        self, conversation_id: UUID, limit: int, *, before: tuple[datetime, UUID] | None = None
    ) -> Sequence[PastTurn]:
        """The turns at the end of a conversation, newest first by when they were asked for.

        Args: limit: turns, ≥ 0. before: time and id of a message whose turn is itself left out.
        Index: message_in_conversation, backwards, no sort; turn_of_message; message_pkey.
        """
        given: dict[str, object] = {"of_conversation": conversation_id, "at_most": limit}
        statement = _PAST
        if before is not None:
            statement = _PAST_BEFORE
            given |= {"stored_at": before[0], "of_message": before[1]}
        rows = await self.transaction.execute(statement, given)
        return [PastTurn(**row._mapping) for row in rows]
