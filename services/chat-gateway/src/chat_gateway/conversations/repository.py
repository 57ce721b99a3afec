"""SQL of conversations and messages. Every query names `user_id`, which begins every index.

The statements are built once, when the process starts: building one costs about as much CPU as
sending it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from sqlalchemy import Text, bindparam, func, insert, literal, select, tuple_, update

from chat_gateway.conversations.history import HistoryMessage, Role
from chat_gateway.conversations.models import conversation_table as conversation
from chat_gateway.conversations.models import message_table as message

_THIS: Final = (
    conversation.c.user_id == bindparam("of_user"),
    conversation.c.id == bindparam("of_conversation"),
)
_LOCK: Final = select(conversation.c.id).where(*_THIS).with_for_update(key_share=True)
_CREATE: Final = insert(conversation)
_ADD_MESSAGE: Final = insert(message).returning(message.c.created_at)
_touched: Final = (
    update(conversation)
    .where(*_THIS)
    .values(updated_at=func.clock_timestamp())
    .returning(conversation.c.user_id, conversation.c.id)
    .cte("touched")
)
_ADD_ANSWER: Final = (
    insert(message)
    .from_select(
        ["user_id", "conversation_id", "id", "role", "content"],
        select(
            _touched.c.user_id,
            _touched.c.id,
            bindparam("of_message", type_=message.c.id.type),
            literal("assistant", Text),
            bindparam("said", type_=Text),
        ),
    )
    .returning(message.c.created_at)
)
_STORED_AT: Final = select(message.c.created_at).where(
    message.c.user_id == bindparam("of_user"), message.c.id == bindparam("of_message")
)
_NEWEST: Final = (
    select(message.c.role, message.c.content)
    .where(
        message.c.user_id == bindparam("of_user"),
        message.c.conversation_id == bindparam("of_conversation"),
    )
    .order_by(message.c.created_at.desc(), message.c.id.desc())
    .limit(bindparam("at_most"))
)
_NEWEST_BEFORE: Final = _NEWEST.where(
    tuple_(message.c.created_at, message.c.id)
    < tuple_(
        bindparam("stored_at", type_=message.c.created_at.type),
        bindparam("of_message", type_=message.c.id.type),
    )
)


@dataclass(frozen=True, slots=True)
class ConversationRepository:
    """The conversations of one user, inside one transaction of theirs."""

    transaction: UserTransaction
    user_id: UUID

    async def lock(self, conversation_id: UUID) -> bool:
        """Hold a conversation until the transaction ends, so that its turns open and close singly.

        Returns: False when this user has no such conversation.
        Index: conversation_pkey.
        """
        found = await self.transaction.scalar(
            _LOCK, {"of_user": self.user_id, "of_conversation": conversation_id}
        )
        return found is not None

    async def create(self, conversation_id: UUID) -> None:
        """Begin a conversation."""
        await self.transaction.execute(_CREATE, {"user_id": self.user_id, "id": conversation_id})

    async def add_message(
        self, message_id: UUID, conversation_id: UUID, role: Role, content: str
    ) -> datetime:
        """Store a message at the end of the conversation.

        Args: content: no NUL, no lone surrogate: Postgres stores neither.
        Returns: the time it was stored, aware UTC, by the database's clock.
        """
        stored = await self.transaction.execute(
            _ADD_MESSAGE,
            {
                "user_id": self.user_id,
                "id": message_id,
                "conversation_id": conversation_id,
                "role": role,
                "content": content,
            },
        )
        stored_at: datetime = stored.scalar_one()
        return stored_at

    async def add_answer(self, message_id: UUID, conversation_id: UUID, content: str) -> datetime:
        """Hold the conversation until the transaction ends, note its change, store the answer.

        Args: content: no NUL, no lone surrogate: Postgres stores neither.
        Returns: the time it was stored, aware UTC, by the database's clock.
        Index: conversation_pkey.
        """
        stored = await self.transaction.execute(
            _ADD_ANSWER,
            {
                "of_user": self.user_id,
                "of_conversation": conversation_id,
                "of_message": message_id,
                "said": content,
            },
        )
        stored_at: datetime = stored.scalar_one()
        return stored_at

    async def stored_at(self, message_id: UUID) -> datetime:
        """When a message of this user was stored. Index: message_pkey."""
        found = await self.transaction.execute(
            _STORED_AT, {"of_user": self.user_id, "of_message": message_id}
        )
        stored_at: datetime = found.scalar_one()
        return stored_at

    async def newest_messages(
        self, conversation_id: UUID, limit: int, *, before: tuple[datetime, UUID] | None = None
    ) -> Sequence[HistoryMessage]:
        """Read the end of a conversation, newest first.

        Args: limit: messages, ≥ 0. before: time and id of a message that is itself left out.
        Index: message_in_conversation, backwards; no sort.
        """
        given: dict[str, object] = {
            "of_user": self.user_id,
            "of_conversation": conversation_id,
            "at_most": limit,
        }
        if before is None:
            rows = await self.transaction.execute(_NEWEST, given)
        else:
            stored_at, message_id = before
            rows = await self.transaction.execute(
                _NEWEST_BEFORE, {**given, "stored_at": stored_at, "of_message": message_id}
            )
        return [HistoryMessage(role=_role(row.role), content=row.content) for row in rows]


def _role(stored: str) -> Role:
    return "assistant" if stored == "assistant" else "user"
