"""`tasks.tool_call`."""

from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import CheckConstraint, DateTime, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from mcp_tools.tables import SCHEMA, TasksTable, database_time


class ToolCallRow(TasksTable, table=True):
    """One use of a tool. `arguments` never holds `user_id`.

    expired_at: since when arguments and output are empty.

    tool_call_once: makes a repeated call find its row, and a concurrent twin wait for it.
    tool_call_by_conversation: what was done in a conversation, in order.
    """

    __tablename__ = "tool_call"
    __table_args__ = (
        Index(
            "tool_call_once",
            "user_id",
            "turn_id",
            "ordinal",
            unique=True,
            postgresql_where=text("turn_id IS NOT NULL"),
        ),
        Index("tool_call_by_conversation", "user_id", "conversation_id", "created_at"),
        CheckConstraint("(turn_id IS NULL) = (ordinal IS NULL)", name="key"),
        CheckConstraint("ordinal >= 0", name="ordinal"),
        CheckConstraint("status IN ('ok', 'error')", name="status"),
        CheckConstraint("(status = 'ok') = (output IS NOT NULL)", name="output"),
        CheckConstraint("(status = 'error') = (error IS NOT NULL)", name="error"),
    )

    user_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    conversation_id: UUID | None = Field(default=None)
    turn_id: UUID | None = Field(default=None)
    ordinal: int | None = Field(default=None)
    name: str = Field(sa_type=Text)
    arguments: dict[str, JsonValue] = Field(sa_type=JSONB)
    status: str = Field(sa_type=Text)
    output: dict[str, JsonValue] | None = Field(
        default=None, sa_type=JSONB(none_as_null=True), nullable=True
    )
    error: dict[str, JsonValue] | None = Field(
        default=None, sa_type=JSONB(none_as_null=True), nullable=True
    )
    expired_at: datetime | None = Field(
        default=None, sa_type=DateTime(timezone=True), nullable=True
    )
    duration_ms: float
    trace_id: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = database_time()


TOOL_CALL: Final[Table] = TasksTable.metadata.tables[f"{SCHEMA}.{ToolCallRow.__tablename__}"]
"""The table of the model, for statements that are built once and not for each call."""
