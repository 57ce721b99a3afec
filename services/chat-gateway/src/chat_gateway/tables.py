"""The schema `chat`: what its tables have in common."""

from datetime import datetime

from sqlalchemy import DateTime, MetaData, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

SCHEMA = "chat"

#: Names are given, not invented by Postgres, so that migrations can drop what they once made.
NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(referred_table_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


class ChatTable(
    SQLModel, registry=registry(metadata=MetaData(schema=SCHEMA, naming_convention=NAMES))
):
    """Base of this service's tables; their metadata holds nobody else's."""


def database_time() -> datetime:
    """A column of aware UTC times that Postgres fills in.

    `clock_timestamp()`, because one database has one clock and pods have many, and because `now()`
    is the start of a transaction that may have waited for another.
    """
    field: datetime = Field(
        default=None,
        nullable=False,
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": text("clock_timestamp()")},
    )
    return field
