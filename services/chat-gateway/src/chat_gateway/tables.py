"""The schema `chat`: what its tables have in common, and how a page of one is read."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, DateTime, Integer, MetaData, Select, bindparam, text, tuple_
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

SCHEMA = "chat"

Order = Literal["asc", "desc"]

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


def page_of(
    statement: Select[Any],
    order: Order,
    keys: tuple[ColumnElement[Any], ColumnElement[Any]],
    *,
    start: Literal["first", "at", "after"],
) -> Select[Any]:
    """`:at_most` rows of a statement, ordered by two keys: a time, and an id where times are equal.

    Args: start: with the first row, or at or after the row of `:from_time` and `:from_id`.
    """
    ordered = (one.asc() if order == "asc" else one.desc() for one in keys)
    statement = statement.order_by(*ordered).limit(bindparam("at_most", type_=Integer))
    if start == "first":
        return statement
    key = tuple_(*keys)
    row = tuple_(
        bindparam("from_time", type_=keys[0].type), bindparam("from_id", type_=keys[1].type)
    )
    if order == "asc":
        return statement.where(key >= row if start == "at" else key > row)
    return statement.where(key <= row if start == "at" else key < row)
