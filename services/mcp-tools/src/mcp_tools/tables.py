"""The schema `tasks`: what its tables have in common."""

from datetime import datetime

from sqlalchemy import DateTime, MetaData, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

SCHEMA = "tasks"

#: Names are given, not invented by Postgres, so that migrations can drop what they once made.
NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(referred_table_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


class TasksTable(
    SQLModel, registry=registry(metadata=MetaData(schema=SCHEMA, naming_convention=NAMES))
):
    """Base of this service's tables; their metadata holds nobody else's."""


def database_time() -> datetime:
    """A column of aware UTC times that Postgres fills in.

    One database has one clock and pods have many: the order of a list must not depend on a pod.
    `statement_timestamp()`, because `now()` is the start of a transaction that may have waited for
    a twin, and `clock_timestamp()` would differ between the columns of one row.
    """
    field: datetime = Field(
        default=None,
        nullable=False,
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": text("statement_timestamp()")},
    )
    return field
