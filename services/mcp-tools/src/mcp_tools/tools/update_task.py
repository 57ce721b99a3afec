"""`update_task`."""

from typing import Self

from mcp_types import ToolAnnotations
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mcp_tools.tasks.schemas import OneTask
from mcp_tools.tasks.service import TaskService
from mcp_tools.tools.definition import define_tool
from mcp_tools.tools.parameters import Absent, Description, TaskId, Title, ToolArguments


class Arguments(ToolArguments):
    """Source: docs/contract.md "Tools"."""

    task_id: TaskId = Field(description="`id` of the task, as list_tasks or add_task returned it.")
    title: Title | Absent = Field(
        default=None, description="The new title. Leave out to keep the old one."
    )
    description: Description | Absent = Field(
        default=None,
        description="The new description; an empty text removes it. Leave out to keep the old one.",
    )

    @model_validator(mode="after")
    def _something_changes(self) -> Self:
        if self.title is None and self.description is None:
            raise PydanticCustomError(
                "nothing_to_change", "Give a new `title`, a new `description`, or both."
            )
        return self


async def _run(tasks: TaskService, arguments: Arguments) -> OneTask:
    changed = await tasks.update(arguments.task_id, arguments.title, arguments.description)
    return OneTask(task=changed)


UPDATE_TASK = define_tool(
    name="update_task",
    description="""
        Change the title, the description, or both of one task. Use it when the person wants to
        rename a task or say more about it; to mark it as done use complete_task. If you do not
        know the task's `id`, call list_tasks first. Returns the `task` as it is now. Then tell the
        person what was changed.
    """,
    arguments=Arguments,
    answer=OneTask,
    run=_run,
    hints=ToolAnnotations(
        read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
    ),
)
