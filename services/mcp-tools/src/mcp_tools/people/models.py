"""`tasks.erased_person`."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Table
from sqlmodel import Field

from mcp_tools.tables import SCHEMA, TasksTable, database_time


class ErasedPersonRow(TasksTable, table=True):
    """A person of whom nothing is kept here, and nothing may come any more."""

    __tablename__ = "erased_person"

    user_id: UUID = Field(primary_key=True)
    erased_at: datetime = database_time()


ERASED_PERSON: Final[Table] = TasksTable.metadata.tables[
    f"{SCHEMA}.{ErasedPersonRow.__tablename__}"
]
