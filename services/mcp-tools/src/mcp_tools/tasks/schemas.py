"""A task as everybody outside of this service sees it: without its user."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema


def _with_microseconds(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


# RFC 3339 in UTC, always six decimals, so that the text sorts as the times do.
UtcTime = Annotated[
    datetime,
    PlainSerializer(_with_microseconds),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]


class Answer(BaseModel):
    """Base of what tools return."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Task(Answer):
    """What a person wants to remember."""

    id: UUID = Field(description="The task's id: the `task_id` of the other tools.")
    title: str = Field(description="What is to be done.")
    description: str | None = Field(description="More about it, or null.")
    completed: bool = Field(description="Whether it is done.")
    created_at: UtcTime = Field(description="When it was added (UTC).")
    updated_at: UtcTime = Field(description="When it was last changed (UTC).")


class OneTask(Answer):
    """The task after the change."""

    task: Task


class DeletedTask(Answer):
    """The task as it was before it was deleted."""

    deleted: Task


class TaskPage(Answer):
    """Some of a person's tasks, newest first."""

    tasks: list[Task]
    total: int = Field(description="How many tasks match, on all pages together.")
    next_cursor: str | None = Field(
        description="Pass it as `cursor` to get older tasks; null when there are none."
    )
