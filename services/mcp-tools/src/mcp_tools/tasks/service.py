"""The rules about tasks, within the transaction that the recorder of tool calls opened."""

from dataclasses import dataclass
from typing import Literal, Self
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from servicekit.identifiers import new_id

from mcp_tools.errors import InvalidArguments, NotFound
from mcp_tools.tasks.cursor import Cursor, MalformedCursor
from mcp_tools.tasks.repository import TaskRepository
from mcp_tools.tasks.schemas import Task, TaskPage

Status = Literal["all", "pending", "completed"]
_COMPLETED: dict[Status, bool | None] = {"all": None, "pending": False, "completed": True}


@dataclass(frozen=True)
class TaskService:
    """One person's todo list."""

    user_id: UUID
    tasks: TaskRepository

    @classmethod
    def within(cls, transaction: UserTransaction, user_id: UUID) -> Self:
        """Work on this user's tasks; the caller commits."""
        return cls(user_id, TaskRepository(transaction, user_id))

    async def add(self, title: str, description: str | None) -> Task:
        """Add a pending task. An empty description is none."""
        return await self.tasks.add(new_id(), title, description or None)

    async def page(self, status: Status, limit: int, cursor: str | None) -> TaskPage:
        """Read a page of tasks, newest first.

        Args: limit: 1 to 100. cursor: `next_cursor` of the page before; None or empty: the first.
        Raises: InvalidArguments: the cursor was not given to this user.
        """
        after = self._position(cursor) if cursor else None
        found = await self.tasks.newest(completed=_COMPLETED[status], after=after, limit=limit + 1)
        shown = found[:limit]
        more = len(found) > limit
        last = Cursor(shown[-1].created_at, shown[-1].id) if more else None
        return TaskPage(tasks=shown, next_cursor=last.encode(self.user_id) if last else None)

    async def complete(self, task_id: UUID) -> Task:
        """Mark a task as done; a task that is done already stays as it is.

        Raises: NotFound: this person has no such task.
        """
        return _found(await self.tasks.complete(task_id))

    async def delete(self, task_id: UUID) -> Task:
        """Delete a task for good and return what it was.

        Raises: NotFound: this person has no such task.
        """
        return _found(await self.tasks.delete(task_id))

    async def update(self, task_id: UUID, title: str | None, description: str | None) -> Task:
        """Change title, description or both; None leaves a field, an empty description clears it.

        Raises: NotFound: this person has no such task.
        """
        changes: dict[str, str | None] = {}
        if title is not None:
            changes["title"] = title
        if description is not None:
            changes["description"] = description or None
        return _found(await self.tasks.update(task_id, changes))

    def _position(self, cursor: str) -> Cursor:
        try:
            return Cursor.decode(cursor, self.user_id)
        except MalformedCursor as wrong:
            raise InvalidArguments(
                "`cursor` is not a `next_cursor` that list_tasks returned. "
                "Leave it out to begin with the newest task."
            ) from wrong


def _found(task: Task | None) -> Task:
    if task is None:
        raise NotFound
    return task
