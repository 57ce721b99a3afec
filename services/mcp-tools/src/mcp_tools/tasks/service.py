"""The rules about tasks, within the transaction that the recorder of tool calls opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Self
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from servicekit.identifiers import new_id

from mcp_tools.errors import InvalidArguments, NotFound
from mcp_tools.tasks.cursor import Cursor, MalformedCursor
from mcp_tools.tasks.repository import Filter, TaskRepository
from mcp_tools.tasks.schemas import Task, TaskPage

Status = Literal["all", "pending", "completed"]
PAGE_CHARACTERS: Final = 50_000
"""Of titles and descriptions on one page: a model reads each page again at every later step, and
a turn's answer repeats it. Twenty tasks of the longest texts, or a hundred of five lines."""
_COMPLETED: dict[Status, bool | None] = {"all": None, "pending": False, "completed": True}


@dataclass(frozen=True)
class TaskService:
    """One person's todo list. most_tasks: that it may have."""

    user_id: UUID
    tasks: TaskRepository
    most_tasks: int

    @classmethod
    def within(cls, transaction: UserTransaction, most_tasks: int) -> Self:
        """Work on the tasks of the transaction's user; the caller commits."""
        return cls(transaction.user_id, TaskRepository(transaction), most_tasks)

    async def add(self, title: str, description: str | None) -> Task:
        """Add a pending task. An empty description is none.

        Raises: InvalidArguments: the list is full. Adds that run at the same moment do not see each
            other, so a list may end above its limit by as many as run at once.
        """
        added = await self.tasks.add(new_id(), title, description or None, self.most_tasks)
        if added is None:
            raise InvalidArguments(
                f"The list is full: it has {self.most_tasks} tasks, and nothing was added. Do not "
                "try again. Tell the person to delete some first, the completed ones for example."
            )
        return added

    async def page(
        self, status: Status, limit: int, cursor: str | None, query: str | None = None
    ) -> TaskPage:
        """Read a page of tasks, newest first, of at most PAGE_CHARACTERS but for its first task.

        Args: limit: 1 to 100. cursor: `next_cursor` of the page before; None: the first.
            query: words that all occur in title or description; None: every task.
        Raises: InvalidArguments: the cursor was not given to this user for this list.
        """
        words = tuple((query or "").split())
        which = Filter(_COMPLETED[status], words)
        of_list = " ".join((status, *words)).lower() if words or status != "all" else ""
        after = self._position(cursor, of_list) if cursor else None
        found, total = await self.tasks.newest(which, after=after, limit=limit + 1)
        shown, next_cursor = _fitting(found[:limit]), None
        if len(found) > len(shown):
            last = Cursor(shown[-1].created_at, shown[-1].id)
            next_cursor = last.encode(self.user_id, of_list)
        return TaskPage(tasks=shown, total=total, next_cursor=next_cursor)

    async def complete(self, task_id: UUID) -> Task:
        """Mark a task as done; a task that is done already stays as it is.

        Raises: NotFound: this person has no such task.
        """
        return _found(await self.tasks.mark(task_id, completed=True))

    async def delete(self, task_id: UUID) -> Task:
        """Delete a task and return what it was; the record of calls keeps its words for a while.

        Raises: NotFound: this person has no such task.
        """
        return _found(await self.tasks.delete(task_id))

    async def update(
        self,
        task_id: UUID,
        title: str | None,
        description: str | None,
        completed: bool | None,
    ) -> Task:
        """Change what is given; None leaves a field, an empty description clears it.

        A task that is only marked as what it is already stays as it is.

        Raises: NotFound: this person has no such task.
        """
        if title is None and description is None and completed is not None:
            return _found(await self.tasks.mark(task_id, completed=completed))
        changes: dict[str, str | bool | None] = {}
        if title is not None:
            changes["title"] = title
        if description is not None:
            changes["description"] = description or None
        if completed is not None:
            changes["completed"] = completed
        return _found(await self.tasks.update(task_id, changes))

    def _position(self, cursor: str, of_list: str) -> Cursor:
        try:
            return Cursor.decode(cursor, self.user_id, of_list)
        except MalformedCursor as wrong:
            raise InvalidArguments(
                "`cursor` is not a `next_cursor` that list_tasks returned for this `status` and "
                "`query`. Give the same ones, or leave it out to begin with the newest task."
            ) from wrong


def _fitting(tasks: Sequence[Task]) -> list[Task]:
    """The first of them whose texts fit on a page; one at least, or a list would have no way on."""
    left = PAGE_CHARACTERS
    for position, task in enumerate(tasks):
        left -= len(task.title) + len(task.description or "")
        if left < 0 and position > 0:
            return list(tasks[:position])
    return list(tasks)


def _found(task: Task | None) -> Task:
    if task is None:
        raise NotFound
    return task
