"""`chat.conversation` and `chat.message`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlmodel import Field

from chat_gateway.tables import ChatTable, database_time


class Conversation(ChatTable, table=True):
    """The ordered messages between one person and the agent."""

    __tablename__ = "conversation"

    user_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    created_at: datetime = database_time()
    updated_at: datetime = database_time()


class Message(ChatTable, table=True):
    """What a person or the assistant said."""

    __tablename__ = "message"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "conversation_id"], ["chat.conversation.user_id", "chat.conversation.id"]
        ),
        CheckConstraint("role IN ('user', 'assistant')", name="role"),
        Index("message_in_conversation", "user_id", "conversation_id", "created_at", "id"),
    )

    user_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    conversation_id: UUID
    role: str = Field(sa_type=Text)
    content: str = Field(sa_type=Text)
    created_at: datetime = database_time()


conversation_table = ChatTable.metadata.tables["chat.conversation"]
message_table = ChatTable.metadata.tables["chat.message"]
