"""`update_task`."""

from typing import Self

from mcp_types import ToolAnnotations
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mcp_tools.tasks.schemas import OneTask
from mcp_tools.tasks.service import TaskService
from mcp_tools.tools.definition import define_tool
from mcp_tools.tools.parameters import Absent, Completed, Description, TaskId, Title, ToolArguments


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

    completed: Completed | Absent = Field(
        default=None,
        description="false makes a completed task open again, true marks it as done. Leave out to "
        "keep it as it is.",
    )

    @model_validator(mode="after")
    def _something_changes(self) -> Self:
        if self.title is None and self.description is None and self.completed is None:
            raise PydanticCustomError(
                "nothing_to_change",
                "Give at least one of a new `title`, a new `description`, or `completed`.",
            )
        return self


async def _run(tasks: TaskService, arguments: Arguments) -> OneTask:
    changed = await tasks.update(
        arguments.task_id, arguments.title, arguments.description, arguments.completed
    )
    return OneTask(task=changed)


UPDATE_TASK = define_tool(
    name="update_task",
    description="""
        Change one task: its title, its description, or whether it is completed. Use it when the
        person wants to rename a task, say more about it, or have a completed one open again
        (`completed` false: "reopen it", "untick it", "it is not done after all"); to mark one as
        done use complete_task. Keep what they did not ask to change, and their words, language and
        script. If you do not know the task's `id`, call list_tasks first. Returns the `task` as it
        is now; reopening an open task is no error. Then tell the person what was changed.
    """,
    arguments=Arguments,
    answer=OneTask,
    run=_run,
    hints=ToolAnnotations(
        read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
    ),
)
