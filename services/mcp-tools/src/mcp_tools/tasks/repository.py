"""SQL on `tasks.task`. Each statement names the user although the policy does too (ADR 0002).

Statements are built once: building one costs more CPU than running it.
"""

import re
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Executable,
    Integer,
    Select,
    Text,
    all_,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)

from mcp_tools.tasks.cursor import Cursor
from mcp_tools.tasks.models import TASK
from mcp_tools.tasks.schemas import Task

_AT = TASK.c
_SEEN: Final = (_AT.id, _AT.title, _AT.description, _AT.completed, _AT.created_at, _AT.updated_at)
_MINE: Final = bindparam("of_user") == _AT.user_id
_THIS: Final = _MINE & (bindparam("this") == _AT.id)
_NOW: Final = func.statement_timestamp()
_SPECIAL_IN_LIKE: Final = re.compile(r"([\\%_])")
_ESCAPED: Final = r"\\\1"

_FULL: Final = (
    select(func.count())
    .select_from(select(_AT.id).where(_MINE).limit(bindparam("most")).subquery())
    .scalar_subquery()
) >= bindparam("most", type_=Integer)
_NEW: Final = {
    "user_id": bindparam("of_user", type_=_AT.user_id.type),
    "id": bindparam("new", type_=_AT.id.type),
    "title": bindparam("titled", type_=Text),
    "description": bindparam("described", type_=Text),
    "completed": bindparam("done", type_=Boolean),
}
_ADD: Final = (
    insert(TASK).from_select(list(_NEW), select(*_NEW.values()).where(~_FULL)).returning(*_SEEN)
)
_DELETE: Final = delete(TASK).where(_THIS).returning(*_SEEN)
_UPDATE: Final = update(TASK).where(_THIS).returning(*_SEEN)
_DONE: Final = bindparam("done", type_=Boolean)
_MARK: Final = _UPDATE.values(
    completed=_DONE, updated_at=case((_AT.completed == _DONE, _AT.updated_at), else_=_NOW)
)


# Every word, as a LIKE pattern a line. `lower` is the database's own on both sides.
_TEXT: Final = func.lower(_AT.title + "\n" + func.coalesce(_AT.description, ""))
_ALL_WORDS: Final = _TEXT.like(
    all_(func.string_to_array(func.lower(bindparam("patterns", type_=Text)), "\n"))
)


def _matching(completed: bool | None, searched: bool) -> ColumnElement[bool]:
    condition = _MINE
    if completed is not None:
        condition &= _AT.completed.is_(completed)
    return condition & _ALL_WORDS if searched else condition


def _count(completed: bool | None, searched: bool) -> Select[Any]:
    return select(func.count()).select_from(TASK).where(_matching(completed, searched))


def _page(completed: bool | None, searched: bool, positioned: bool) -> Select[Any]:
    total = _count(completed, searched).scalar_subquery().correlate(None).label("total")
    newest_first = (_AT.created_at.desc(), _AT.id.desc())
    matching = _matching(completed, searched)
    statement = select(*_SEEN, total).where(matching).order_by(*newest_first)
    if positioned:
        position = tuple_(_AT.created_at, _AT.id)
        statement = statement.where(position < tuple_(bindparam("moment"), bindparam("last")))
    return statement.limit(bindparam("most"))


_FILTERS: Final = tuple(product((None, False, True), (False, True)))
_COUNTS: Final = MappingProxyType({one: _count(*one) for one in _FILTERS})
_PAGES: Final = MappingProxyType(
    {
        (*one, positioned): _page(*one, positioned)
        for one in _FILTERS
        for positioned in (False, True)
    }
)


@dataclass(frozen=True)
class Filter:
    """Which tasks.

    Attributes: completed: None for both. words: without spaces; each occurs in title or
        description, in any case; none: no search.
    """

    completed: bool | None
    words: tuple[str, ...]


class TaskRepository:
    """One user's tasks, within a transaction of theirs."""

    def __init__(self, transaction: UserTransaction) -> None:
        self._transaction = transaction

    async def add(
        self, task_id: UUID, title: str, description: str | None, most: int
    ) -> Task | None:
        """Insert a pending task. Args: most: tasks of this user.

        Returns: None: they have as many.
        Index: any that begins with the user; it counts no further than `most`.
        """
        values = {
            "new": task_id,
            "titled": title,
            "described": description,
            "done": False,
            "most": most,
        }
        row = (await self._transaction.execute(_ADD, values)).one_or_none()
        return None if row is None else Task.model_validate(row)

    async def newest(
        self, which: Filter, *, after: Cursor | None, limit: int
    ) -> tuple[list[Task], int]:
        """Read tasks, newest first, beginning after a cursor, and count them on all pages.

        Args: limit: > 0.
        Index: task_newest_first, or task_by_status when `completed` is given. Words are looked for
            in what the index finds: a person's own tasks (docs/capacity.md has the cost).
        """
        values: dict[str, object] = {}
        if which.words:
            values["patterns"] = "\n".join(_pattern(word) for word in which.words)
        position: dict[str, object] = {"most": limit}
        if after is not None:
            position |= {"moment": after.created_at, "last": after.task_id}
        kind = (which.completed, bool(which.words))
        page = _PAGES[*kind, after is not None]
        rows = (await self._transaction.execute(page, values | position)).all()
        if rows:
            return [Task.model_validate(row) for row in rows], rows[0].total
        if after is None:
            return [], 0
        return [], (await self._transaction.execute(_COUNTS[kind], values)).scalar_one()

    async def mark(self, task_id: UUID, *, completed: bool) -> Task | None:
        """Mark a task as done or open; one that is so already stays as it is, `updated_at` too.

        Returns: None: no such task.
        Index: key.
        """
        return await self._one(_MARK, task_id, done=completed)

    async def update(self, task_id: UUID, changes: dict[str, str | bool | None]) -> Task | None:
        """Set columns of a task. None: no such task. Index: key."""
        return await self._one(_UPDATE.values(**changes, updated_at=_NOW), task_id)

    async def delete(self, task_id: UUID) -> Task | None:
        """Delete a task and return what it was. None: no such task. Index: key."""
        return await self._one(_DELETE, task_id)

    async def _one(self, statement: Executable, task_id: UUID, **named: object) -> Task | None:
        values = {"this": task_id, **named}
        row = (await self._transaction.execute(statement, values)).one_or_none()
        return None if row is None else Task.model_validate(row)


def _pattern(word: str) -> str:
    return f"%{_SPECIAL_IN_LIKE.sub(_ESCAPED, word)}%"
