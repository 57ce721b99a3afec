"""`tasks.task`."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, Table, Text, text
from sqlmodel import Field

from mcp_tools.tables import SCHEMA, TasksTable, database_time


class TaskRow(TasksTable, table=True):
    """A task and whose it is. Lengths are the contract's and are checked at the tools' border.

    task_newest_first: a page of all tasks. task_by_status: a page of the pending or the completed.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("task_newest_first", "user_id", text("created_at DESC"), text("id DESC")),
        Index("task_by_status", "user_id", "completed", text("created_at DESC"), text("id DESC")),
    )

    user_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    title: str = Field(sa_type=Text)
    description: str | None = Field(default=None, sa_type=Text)
    completed: bool
    created_at: datetime = database_time()
    updated_at: datetime = database_time()


TASK: Final[Table] = TasksTable.metadata.tables[f"{SCHEMA}.{TaskRow.__tablename__}"]
"""The table of the model, for statements that are built once and not for each call."""
