"""SQL on `tasks.task`. Each statement names the user although the policy does too (ADR 0002).

Statements are built once: building one costs more CPU than running it.
"""

from itertools import product
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from sqlalchemy import (
    Executable,
    Select,
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
_MINE: Final = bindparam("mine") == _AT.user_id
_THIS: Final = _MINE & (bindparam("this") == _AT.id)
_NOW: Final = func.statement_timestamp()

_ADD: Final = insert(TASK).returning(*_SEEN)
_DELETE: Final = delete(TASK).where(_THIS).returning(*_SEEN)
_UPDATE: Final = update(TASK).where(_THIS).returning(*_SEEN)
_COMPLETE: Final = _UPDATE.values(
    completed=True, updated_at=case((_AT.completed, _AT.updated_at), else_=_NOW)
)


def _page(completed: bool | None, positioned: bool) -> Select[Any]:
    newest_first = (_AT.created_at.desc(), _AT.id.desc())
    statement = select(*_SEEN).where(_MINE).order_by(*newest_first).limit(bindparam("most"))
    if completed is not None:
        statement = statement.where(_AT.completed.is_(completed))
    if positioned:
        position = tuple_(_AT.created_at, _AT.id)
        statement = statement.where(position < tuple_(bindparam("moment"), bindparam("last")))
    return statement


_PAGES: Final = MappingProxyType(
    {variant: _page(*variant) for variant in product((None, False, True), (False, True))}
)


class TaskRepository:
    """One user's tasks, within a transaction of theirs."""

    def __init__(self, transaction: UserTransaction, user_id: UUID) -> None:
        self._transaction = transaction
        self._user_id = user_id

    async def add(self, task_id: UUID, title: str, description: str | None) -> Task:
        """Insert a pending task."""
        values = {
            "user_id": self._user_id,
            "id": task_id,
            "title": title,
            "description": description,
            "completed": False,
        }
        return Task.model_validate((await self._transaction.execute(_ADD, values)).one())

    async def newest(
        self, *, completed: bool | None, after: Cursor | None, limit: int
    ) -> list[Task]:
        """Read tasks, newest first, beginning after a cursor.

        Args: completed: None for both. limit: > 0.
        Index: task_newest_first, or task_by_status when `completed` is given.
        """
        values: dict[str, object] = {"mine": self._user_id, "most": limit}
        if after is not None:
            values |= {"moment": after.created_at, "last": after.task_id}
        statement = _PAGES[completed, after is not None]
        rows = (await self._transaction.execute(statement, values)).all()
        return [Task.model_validate(row) for row in rows]

    async def complete(self, task_id: UUID) -> Task | None:
        """Mark a task as done; one that is done stays as it is. None: no such task. Index: key."""
        return await self._one(_COMPLETE, task_id)

    async def update(self, task_id: UUID, changes: dict[str, str | None]) -> Task | None:
        """Set columns of a task. None: no such task. Index: key."""
        return await self._one(_UPDATE.values(**changes, updated_at=_NOW), task_id)

    async def delete(self, task_id: UUID) -> Task | None:
        """Delete a task and return what it was. None: no such task. Index: key."""
        return await self._one(_DELETE, task_id)

    async def _one(self, statement: Executable, task_id: UUID) -> Task | None:
        values = {"mine": self._user_id, "this": task_id}
        row = (await self._transaction.execute(statement, values)).one_or_none()
        return None if row is None else Task.model_validate(row)
