"""SQL of what is in a conversation. Every query names `user_id`, which begins every index.

Items have no table: a page of them is read from messages, each with its turn (ADR 0025). The
statements are built once: building one costs about as much CPU as sending it.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert

from chat_gateway.conversations.models import conversation_table as conversation
from chat_gateway.conversations.models import feedback_table as feedback
from chat_gateway.conversations.models import message_table as message
from chat_gateway.tables import Order, page_of
from chat_gateway.threads.rows import Entry, NewestTurn
from chat_gateway.turns.models import turn_table as turn
from chat_gateway.turns.states import LEASE_EXPIRED, TurnState

_NOW: Final = func.clock_timestamp()
_OF_USER: Final = bindparam("of_user", type_=Uuid)
_OF_CONVERSATION: Final = bindparam("of_conversation", type_=Uuid)
_ITEM: Final = bindparam("item", type_=Uuid)
_ITEMS: Final = bindparam("items", type_=ARRAY(Uuid))
_THIS: Final = (conversation.c.user_id == _OF_USER, conversation.c.id == _OF_CONVERSATION)
_IN_THIS: Final = (message.c.user_id == _OF_USER, message.c.conversation_id == _OF_CONVERSATION)
_TURN_IN_THIS: Final = (turn.c.user_id == _OF_USER, turn.c.conversation_id == _OF_CONVERSATION)
_RUNNING: Final = and_(
    turn.c.state == literal_column(f"'{TurnState.RUNNING}'"), turn.c.lease_expires_at >= _NOW
)


_each: Final = func.jsonb_each(turn.c.tool_results).table_valued("key", "value")
# A list of a hundred tasks stays where it is: nothing of it is shown.
_results: Final = (
    select(
        func.jsonb_agg(_each.c.value.op("#-")(literal_column("'{output,tasks}'"))).label("shown")
    )
    .select_from(_each)
    .lateral("results")
)
_NONE: Final[ColumnElement[Any]] = literal_column("'[]'::jsonb")
_entries: Final = (
    select(
        message.c.id,
        message.c.role,
        message.c.content,
        message.c.created_at,
        turn.c.id.label("turn_id"),
        func.coalesce(_RUNNING, literal_column("false")).label("running"),
        func.coalesce(
            func.jsonb_path_query_array(turn.c.steps, literal_column("'$[*].calls[*]'")), _NONE
        ).label("calls"),
        func.coalesce(_results.c.shown, _NONE).label("results"),
    )
    .outerjoin_from(
        message,
        turn,
        and_(turn.c.user_id == message.c.user_id, turn.c.user_message_id == message.c.id),
    )
    .outerjoin(_results, literal_column("true"))
    .where(*_IN_THIS)
)
_BY_TIME: Final = (message.c.created_at, message.c.id)
_FIRST: Final[Mapping[Order, Select[Any]]] = {
    "asc": page_of(_entries, "asc", _BY_TIME, start="first"),
    "desc": page_of(_entries, "desc", _BY_TIME, start="first"),
}
_FROM: Final[Mapping[Order, Select[Any]]] = {
    "asc": page_of(_entries, "asc", _BY_TIME, start="at"),
    "desc": page_of(_entries, "desc", _BY_TIME, start="at"),
}
# The conversation is compared here: asked by it too, the planner would rather read all of a long
# one. Two statements in one, because a policy keeps `id = coalesce(…)` away from the index.
_ENTRY: Final = select(message.c.conversation_id, message.c.created_at, message.c.id).where(
    message.c.user_id == _OF_USER
)
_ENTRY_OF: Final = union_all(
    _ENTRY.where(message.c.id == _ITEM),
    _ENTRY.join(turn, turn.c.user_message_id == message.c.id).where(
        turn.c.user_id == _OF_USER, turn.c.id == _ITEM
    ),
)
_NEWEST_TURN: Final = (
    select(
        turn.c.id,
        message.c.id.label("message_id"),
        turn.c.state,
        _RUNNING.label("running"),
        turn.c.failure["code"].as_string().label("code"),
    )
    .join(turn, and_(turn.c.user_id == message.c.user_id, turn.c.user_message_id == message.c.id))
    .where(*_IN_THIS, message.c.role == literal_column("'user'"))
    .order_by(message.c.created_at.desc(), message.c.id.desc())
    .limit(1)
)
_ITEMS_AMONG: Final = union_all(
    select(message.c.conversation_id, message.c.id).where(
        message.c.user_id == _OF_USER, message.c.id == func.any(_ITEMS)
    ),
    select(turn.c.conversation_id, turn.c.id).where(
        turn.c.user_id == _OF_USER,
        turn.c.id == func.any(_ITEMS),
        turn.c.user_message_id.is_not(None),
        func.jsonb_path_exists(turn.c.steps, literal_column("'$[*].calls[*]'")),
    ),
)
_given: Final = insert(feedback).from_select(
    ["user_id", "conversation_id", "item_id", "kind"],
    select(_OF_USER, _OF_CONVERSATION, func.unnest(_ITEMS), bindparam("of_kind", type_=Text)),
)
_GIVE_FEEDBACK: Final = _given.on_conflict_do_update(
    index_elements=[feedback.c.user_id, feedback.c.conversation_id, feedback.c.item_id],
    set_={"kind": _given.excluded.kind, "created_at": _NOW},
)

#: Against turns that open too: their foreign keys wait for it.
_LOCK: Final = select(conversation.c.id).where(*_THIS).with_for_update()
_DELETE_TURNS: Final = delete(turn).where(
    *_TURN_IN_THIS,
    or_(turn.c.state != literal_column(f"'{TurnState.RUNNING}'"), turn.c.lease_expires_at < _NOW),
)
_LEFT: Final = select(turn.c.id).where(*_TURN_IN_THIS).limit(1)
_DELETE_REST: Final = (
    delete(feedback).where(
        feedback.c.user_id == _OF_USER, feedback.c.conversation_id == _OF_CONVERSATION
    ),
    delete(message).where(*_IN_THIS),
    delete(conversation).where(*_THIS),
)


@dataclass(frozen=True, slots=True)
class ThreadRepository:
    """What is in the conversations of one user, inside one transaction of theirs."""

    transaction: UserTransaction

    async def newest_turn(self, conversation_id: UUID) -> NewestTurn | None:
        """What became of the newest message. Index: message_in_conversation; turn_of_message."""
        given = {"of_conversation": conversation_id}
        row = (await self.transaction.execute(_NEWEST_TURN, given)).one_or_none()
        if row is None:
            return None
        state, code = TurnState(row.state), row.code
        if state is TurnState.RUNNING and not row.running:
            state, code = TurnState.FAILED, LEASE_EXPIRED["code"]
        return NewestTurn(row.id, row.message_id, state, code)

    async def entry_of(self, conversation_id: UUID, item_id: UUID) -> tuple[datetime, UUID] | None:
        """Time and id of the message that an item is, or whose turn it tells of.

        Index: turn_pkey; message_pkey.
        """
        row = (await self.transaction.execute(_ENTRY_OF, {"item": item_id})).one_or_none()
        if row is None or row.conversation_id != conversation_id:
            return None
        return row.created_at, row.id

    async def entries(
        self,
        conversation_id: UUID,
        order: Order,
        limit: int,
        start: tuple[datetime, UUID] | None,
    ) -> Sequence[Entry]:
        """Messages in the order in which they were stored, or the other way round.

        Args: limit: ≥ 0. start: time and id of the message to begin with, itself included.
        Index: message_in_conversation, no sort; turn_of_message.
        """
        given: dict[str, object] = {"of_conversation": conversation_id, "at_most": limit}
        statement = _FIRST[order]
        if start is not None:
            statement = _FROM[order]
            given |= {"from_time": start[0], "from_id": start[1]}
        rows = await self.transaction.execute(statement, given)
        return [Entry(**row._mapping) for row in rows]

    async def items_among(self, conversation_id: UUID, ids: Set[UUID]) -> set[UUID]:
        """Which of these are items of the conversation. Index: message_pkey; turn_pkey."""
        rows = await self.transaction.execute(_ITEMS_AMONG, {"items": list(ids)})
        return {row.id for row in rows if row.conversation_id == conversation_id}

    async def give_feedback(self, conversation_id: UUID, ids: Set[UUID], kind: str) -> None:
        """Note what the person thinks of items, in the place of what they thought before."""
        given = {"of_conversation": conversation_id, "items": list(ids), "of_kind": kind}
        await self.transaction.execute(_GIVE_FEEDBACK, given)

    async def hold_alone(self, conversation_id: UUID) -> bool:
        """Let no turn of the conversation open or close until the transaction ends.

        Returns: False when this user has no such conversation.
        Index: conversation_pkey.
        """
        return (
            await self.transaction.scalar(_LOCK, {"of_conversation": conversation_id}) is not None
        )

    async def delete(self, conversation_id: UUID) -> bool:
        """Delete a conversation that is held alone, with its turns, messages and feedback.

        Returns: False when a turn of it runs; the transaction must then be rolled back.
        Index: turn_in_conversation; feedback_pkey; message_in_conversation; conversation_pkey.
        """
        given = {"of_conversation": conversation_id}
        await self.transaction.execute(_DELETE_TURNS, given)
        # Asked after: a lease that was about to run out may have been renewed while we waited.
        if await self.transaction.scalar(_LEFT, given) is not None:
            return False
        for statement in _DELETE_REST:
            await self.transaction.execute(statement, given)
        return True
