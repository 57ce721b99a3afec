"""`chat.turn` and `chat.daily_use`."""

from datetime import date, datetime
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chat_gateway.tables import ChatTable, database_time


class Turn(ChatTable, table=True):
    """One request for one answer: its key, its lease, its recorded steps, its stored answer.

    conversation_id, user_message_id: None for a click of the person, which says nothing; a click
    may name a conversation all the same.
    steps: list of recorded model steps, by index. tool_results: object of results, by ordinal.
    answer: the 200 body, character for character. answer_message_id: of the assistant's message;
    None too where the answer was stored before there was this column. expired_at: since when its
    steps, results, answer and hash are empty.
    """

    __tablename__ = "turn"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "conversation_id"], ["chat.conversation.user_id", "chat.conversation.id"]
        ),
        ForeignKeyConstraint(
            ["user_id", "user_message_id"], ["chat.message.user_id", "chat.message.id"]
        ),
        UniqueConstraint("user_id", "idempotency_key"),
        Index(
            "turn_running_per_conversation",
            "user_id",
            "conversation_id",
            unique=True,
            postgresql_where=text("state = 'running' AND user_message_id IS NOT NULL"),
        ),
        Index("turn_of_message", "user_id", "user_message_id"),
        Index("turn_in_conversation", "user_id", "conversation_id"),
        CheckConstraint("state IN ('running', 'completed', 'failed')", name="state"),
        CheckConstraint("(state = 'running') = (lease_expires_at IS NOT NULL)", name="lease"),
        CheckConstraint("(state = 'completed') = (answer IS NOT NULL)", name="answer"),
        CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failure"),
    )

    user_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    conversation_id: UUID | None = None
    user_message_id: UUID | None = None
    idempotency_key: str | None = Field(default=None, sa_type=Text)
    request_hash: bytes = Field(sa_type=LargeBinary)
    state: str = Field(sa_type=Text)
    attempt: int = Field(default=1)
    lease_expires_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    steps: list[JsonValue] = Field(
        sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'::jsonb")}
    )
    tool_results: dict[str, JsonValue] = Field(
        sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'::jsonb")}
    )
    answer: str | None = Field(default=None, sa_type=Text)
    answer_message_id: UUID | None = None
    expired_at: datetime | None = Field(
        default=None, sa_type=DateTime(timezone=True), nullable=True
    )
    failure: dict[str, JsonValue] | None = Field(
        default=None, sa_type=JSONB(none_as_null=True), nullable=True
    )
    created_at: datetime = database_time()
    updated_at: datetime = database_time()


class DailyUse(ChatTable, table=True):
    """What a person has used of a day's budget.

    day: of UTC. turns: that were opened on it, clicks too. model_tokens: of the attempts that ended
    on it, as the model's endpoint counts them, input and output.
    """

    __tablename__ = "daily_use"

    user_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    turns: int
    model_tokens: int = Field(sa_type=BigInteger)


turn_table = ChatTable.metadata.tables["chat.turn"]
daily_use_table = ChatTable.metadata.tables["chat.daily_use"]
