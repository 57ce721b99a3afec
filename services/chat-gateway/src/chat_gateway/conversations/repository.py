"""SQL of conversations and messages. Every query names `user_id`, which begins every index.

The statements are built once, when the process starts: building one costs about as much CPU as
sending it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from sqlalchemy import (
    Select,
    Text,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    update,
)

from chat_gateway.conversations.cursor import Position
from chat_gateway.conversations.history import Role
from chat_gateway.conversations.models import conversation_table as conversation
from chat_gateway.conversations.models import message_table as message
from chat_gateway.conversations.rows import KnownConversation
from chat_gateway.tables import Order, page_of

_THIS: Final = (
    conversation.c.user_id == bindparam("of_user"),
    conversation.c.id == bindparam("of_conversation"),
)
_LOCK: Final = select(conversation.c.id).where(*_THIS).with_for_update(key_share=True)
#: Keeps it from being deleted, and nobody from opening or closing a turn in it.
_HOLD: Final = select(conversation.c.id).where(*_THIS).with_for_update(read=True, key_share=True)
_CREATE: Final = (
    insert(conversation)
    .values(
        user_id=bindparam("of_user"), id=bindparam("of_conversation"), title=bindparam("titled")
    )
    .returning(conversation.c.created_at)
)
_touched: Final = (
    update(conversation)
    .where(*_THIS)
    .values(updated_at=func.clock_timestamp())
    .returning(conversation.c.user_id, conversation.c.id)
    .cte("touched")
)
_ADD_MESSAGE: Final = (
    insert(message)
    .from_select(
        ["user_id", "conversation_id", "id", "role", "content"],
        select(
            _touched.c.user_id,
            _touched.c.id,
            bindparam("of_message", type_=message.c.id.type),
            bindparam("by", type_=Text),
            bindparam("said", type_=Text),
        ),
    )
    .returning(message.c.created_at)
)
_STORED_AT: Final = select(message.c.created_at).where(
    message.c.user_id == bindparam("of_user"), message.c.id == bindparam("of_message")
)

_opening: Final = (
    select(message.c.content)
    .where(
        conversation.c.title.is_(None),
        message.c.user_id == bindparam("of_user"),
        message.c.conversation_id == conversation.c.id,
    )
    .order_by(message.c.created_at, message.c.id)
    .limit(1)
    .lateral("opening")
)
_KNOWN: Final = (
    select(
        conversation.c.id,
        conversation.c.title,
        _opening.c.content.label("opening"),
        conversation.c.created_at,
        conversation.c.updated_at,
    )
    .outerjoin_from(conversation, _opening, literal_column("true"))
    .where(conversation.c.user_id == bindparam("of_user"))
)
_FIND: Final = _KNOWN.where(conversation.c.id == bindparam("of_conversation"))
_BY_CHANGE: Final = (conversation.c.updated_at, conversation.c.id)
_FIRST: Final[Mapping[Order, Select[Any]]] = {
    "asc": page_of(_KNOWN, "asc", _BY_CHANGE, start="first"),
    "desc": page_of(_KNOWN, "desc", _BY_CHANGE, start="first"),
}
_AFTER: Final[Mapping[Order, Select[Any]]] = {
    "asc": page_of(_KNOWN, "asc", _BY_CHANGE, start="after"),
    "desc": page_of(_KNOWN, "desc", _BY_CHANGE, start="after"),
}
_RETITLE: Final = (
    update(conversation)
    .where(*_THIS)
    .values(title=bindparam("titled"))
    .returning(conversation.c.id)
)


@dataclass(frozen=True, slots=True)
class ConversationRepository:
    """The conversations of one user, inside one transaction of theirs."""

    transaction: UserTransaction

    async def lock(self, conversation_id: UUID) -> bool:
        """Hold a conversation until the transaction ends, so that its turns open and close singly.

        Returns: False when this user has no such conversation.
        Index: conversation_pkey.
        """
        found = await self.transaction.scalar(_LOCK, {"of_conversation": conversation_id})
        return found is not None

    async def holds(self, conversation_id: UUID) -> bool:
        """Whether this user has a conversation, which stays there until the transaction ends.

        Index: conversation_pkey.
        """
        found = await self.transaction.scalar(_HOLD, {"of_conversation": conversation_id})
        return found is not None

    async def create(self, conversation_id: UUID, title: str) -> datetime:
        """Begin a conversation. Args: title: no NUL, no lone surrogate: Postgres stores neither.

        Returns: when it began, aware UTC, by the database's clock.
        """
        stored = await self.transaction.execute(
            _CREATE, {"of_conversation": conversation_id, "titled": title}
        )
        began_at: datetime = stored.scalar_one()
        return began_at

    async def add_message(
        self, message_id: UUID, conversation_id: UUID, role: Role, content: str
    ) -> datetime | None:
        """Hold the conversation until the transaction ends, note its change, store a message.

        Args: content: no NUL, no lone surrogate: Postgres stores neither.
        Returns: the time it was stored, aware UTC, by the database's clock; None: the person has
            deleted the conversation.
        Index: conversation_pkey.
        """
        stored = await self.transaction.execute(
            _ADD_MESSAGE,
            {
                "of_message": message_id,
                "of_conversation": conversation_id,
                "by": role,
                "said": content,
            },
        )
        stored_at: datetime | None = stored.scalar_one_or_none()
        return stored_at

    async def stored_at(self, message_id: UUID) -> datetime:
        """When a message of this user was stored. Index: message_pkey."""
        found = await self.transaction.execute(_STORED_AT, {"of_message": message_id})
        stored_at: datetime = found.scalar_one()
        return stored_at

    async def find(self, conversation_id: UUID) -> KnownConversation | None:
        """One conversation. Index: conversation_pkey; message_in_conversation."""
        rows = await self.transaction.execute(_FIND, {"of_conversation": conversation_id})
        return next((KnownConversation(**row._mapping) for row in rows), None)

    async def page(
        self, order: Order, limit: int, after: Position | None
    ) -> Sequence[KnownConversation]:
        """Conversations by when something was last said in them.

        Args: limit: ≥ 0. after: where the page before ended.
        Index: conversation_by_change, no sort; message_in_conversation.
        """
        given: dict[str, object] = {"at_most": limit}
        statement = _FIRST[order]
        if after is not None:
            statement = _AFTER[order]
            given |= {"from_time": after.updated_at, "from_id": after.conversation_id}
        rows = await self.transaction.execute(statement, given)
        return [KnownConversation(**row._mapping) for row in rows]

    async def retitle(self, conversation_id: UUID, title: str) -> bool:
        """Give a conversation another title; its place in the list stays.

        Args: title: no NUL, no lone surrogate: Postgres stores neither.
        Returns: False when this user has no such conversation.
        Index: conversation_pkey.
        """
        given = {"of_conversation": conversation_id, "titled": title}
        return await self.transaction.scalar(_RETITLE, given) is not None
