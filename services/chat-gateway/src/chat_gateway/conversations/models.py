"""`chat.conversation`, `chat.message` and `chat.feedback`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, text
from sqlmodel import Field

from chat_gateway.tables import ChatTable, database_time


class Conversation(ChatTable, table=True):
    """The ordered messages between one person and the agent.

    title: None where it was stored before there was this column. updated_at: of the last message.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        Index("conversation_by_change", "user_id", text("updated_at DESC"), text("id DESC")),
    )

    user_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    title: str | None = Field(default=None, sa_type=Text)
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


class Feedback(ChatTable, table=True):
    """What a person thinks of a thread item. item_id: of a message, or of a turn: its workflow."""

    __tablename__ = "feedback"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "conversation_id"], ["chat.conversation.user_id", "chat.conversation.id"]
        ),
        CheckConstraint("kind IN ('positive', 'negative')", name="kind"),
    )

    user_id: UUID = Field(primary_key=True)
    conversation_id: UUID = Field(primary_key=True)
    item_id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=Text)
    created_at: datetime = database_time()


conversation_table = ChatTable.metadata.tables["chat.conversation"]
message_table = ChatTable.metadata.tables["chat.message"]
feedback_table = ChatTable.metadata.tables["chat.feedback"]
