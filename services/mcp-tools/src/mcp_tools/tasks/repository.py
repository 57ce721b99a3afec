"""SQL on `tasks.task`. Each statement names the user although the policy does too (ADR 0002)."""

from uuid import UUID

from servicekit.database.transactions import UserTransaction
from sqlalchemy import case, delete, func, insert, select, tuple_, update
from sqlalchemy.sql import ColumnElement
from sqlmodel import col

from mcp_tools.tasks.cursor import Cursor
from mcp_tools.tasks.models import TaskRow
from mcp_tools.tasks.schemas import Task

_CREATED_AT, _ID = col(TaskRow.created_at), col(TaskRow.id)
_COMPLETED, _UPDATED_AT = col(TaskRow.completed), col(TaskRow.updated_at)
_SEEN = (
    _ID,
    col(TaskRow.title),
    col(TaskRow.description),
    _COMPLETED,
    _CREATED_AT,
    _UPDATED_AT,
)
# The statement's moment on the database's clock: now() would be the start of a transaction that
# may have waited for another, and clock_timestamp() would differ between two columns of a row.
_MOMENT = func.statement_timestamp()


class TaskRepository:
    """One user's tasks, within a transaction of theirs."""

    def __init__(self, transaction: UserTransaction, user_id: UUID) -> None:
        self._transaction = transaction
        self._user_id = user_id

    async def add(self, task_id: UUID, title: str, description: str | None) -> Task:
        """Insert a pending task."""
        statement = (
            insert(TaskRow)
            .values(
                user_id=self._user_id,
                id=task_id,
                title=title,
                description=description,
                completed=False,
                created_at=_MOMENT,
                updated_at=_MOMENT,
            )
            .returning(*_SEEN)
        )
        return Task.model_validate((await self._transaction.execute(statement)).one())

    async def newest(
        self, *, completed: bool | None, after: Cursor | None, limit: int
    ) -> list[Task]:
        """Read tasks, newest first, beginning after a cursor.

        Args: completed: None for both. limit: > 0.
        Index: task_newest_first, or task_by_status when `completed` is given.
        """
        statement = select(*_SEEN).where(col(TaskRow.user_id) == self._user_id)
        if completed is not None:
            statement = statement.where(_COMPLETED.is_(completed))
        if after is not None:
            position = tuple_(_CREATED_AT, _ID)
            statement = statement.where(position < (after.created_at, after.task_id))
        statement = statement.order_by(_CREATED_AT.desc(), _ID.desc()).limit(limit)
        return [
            Task.model_validate(row) for row in (await self._transaction.execute(statement)).all()
        ]

    async def complete(self, task_id: UUID) -> Task | None:
        """Mark a task as done; one that is done stays as it is. None: no such task. Index: key."""
        unchanged_or_moment = case((_COMPLETED, _UPDATED_AT), else_=_MOMENT)
        return await self._changed(task_id, completed=True, updated_at=unchanged_or_moment)

    async def update(self, task_id: UUID, changes: dict[str, str | None]) -> Task | None:
        """Set columns of a task. None: no such task. Index: key."""
        return await self._changed(task_id, **changes, updated_at=_MOMENT)

    async def delete(self, task_id: UUID) -> Task | None:
        """Delete a task and return what it was. None: no such task. Index: key."""
        statement = delete(TaskRow).where(*self._key(task_id)).returning(*_SEEN)
        row = (await self._transaction.execute(statement)).one_or_none()
        return None if row is None else Task.model_validate(row)

    async def _changed(self, task_id: UUID, **values: object) -> Task | None:
        statement = update(TaskRow).where(*self._key(task_id)).values(values).returning(*_SEEN)
        row = (await self._transaction.execute(statement)).one_or_none()
        return None if row is None else Task.model_validate(row)

    def _key(self, task_id: UUID) -> tuple[ColumnElement[bool], ...]:
        return (col(TaskRow.user_id) == self._user_id, col(TaskRow.id) == task_id)
