"""SQL of conversations and messages. Every query names `user_id`, which begins every index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from sqlalchemy import func, insert, select, tuple_, update

from chat_gateway.conversations.history import HistoryMessage, Role
from chat_gateway.conversations.models import conversation_table as conversation
from chat_gateway.conversations.models import message_table as message


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
        found = await self.transaction.execute(
            select(conversation.c.id)
            .where(conversation.c.user_id == self.user_id, conversation.c.id == conversation_id)
            .with_for_update(key_share=True)
        )
        return found.one_or_none() is not None

    async def create(self, conversation_id: UUID) -> None:
        """Begin a conversation."""
        await self.transaction.execute(
            insert(conversation).values(user_id=self.user_id, id=conversation_id)
        )

    async def touch(self, conversation_id: UUID) -> None:
        """Note that the conversation changed now, and hold it until the transaction ends.

        Index: conversation_pkey.
        """
        await self.transaction.execute(
            update(conversation)
            .where(conversation.c.user_id == self.user_id, conversation.c.id == conversation_id)
            .values(updated_at=func.clock_timestamp())
        )

    async def add_message(
        self, message_id: UUID, conversation_id: UUID, role: Role, content: str
    ) -> datetime:
        """Store a message at the end of the conversation.

        Args: content: no NUL, no lone surrogate: Postgres stores neither.
        Returns: the time it was stored, aware UTC, by the database's clock.
        """
        stored_at: datetime | None = await self.transaction.scalar(
            insert(message)
            .values(
                user_id=self.user_id,
                id=message_id,
                conversation_id=conversation_id,
                role=role,
                content=content,
            )
            .returning(message.c.created_at)
        )
        assert stored_at is not None  # an INSERT that stores nothing raises
        return stored_at

    async def stored_at(self, message_id: UUID) -> datetime:
        """When a message of this user was stored. Index: message_pkey."""
        found = await self.transaction.execute(
            select(message.c.created_at).where(
                message.c.user_id == self.user_id, message.c.id == message_id
            )
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
        query = (
            select(message.c.role, message.c.content)
            .where(
                message.c.user_id == self.user_id,
                message.c.conversation_id == conversation_id,
            )
            .order_by(message.c.created_at.desc(), message.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(tuple_(message.c.created_at, message.c.id) < before)
        rows = await self.transaction.execute(query)
        return [HistoryMessage(role=_role(row.role), content=row.content) for row in rows]


def _role(stored: str) -> Role:
    return "assistant" if stored == "assistant" else "user"
