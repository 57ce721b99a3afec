"""`complete_task`."""

from mcp_types import ToolAnnotations
from pydantic import Field

from mcp_tools.tasks.schemas import OneTask
from mcp_tools.tasks.service import TaskService
from mcp_tools.tools.definition import define_tool
from mcp_tools.tools.parameters import TaskId, ToolArguments


class Arguments(ToolArguments):
    """Source: docs/contract.md "Tools"."""

    task_id: TaskId = Field(description="`id` of the task, as list_tasks or add_task returned it.")


async def _run(tasks: TaskService, arguments: Arguments) -> OneTask:
    return OneTask(task=await tasks.complete(arguments.task_id))


COMPLETE_TASK = define_tool(
    name="complete_task",
    description="""
        Mark one task as done. Use it when the person says that they did or finished something, not
        when they did not or have yet to. If you do not know the task's `id`, call list_tasks first.
        Returns the `task`, now completed; completing a task twice is no error. Then tell the person
        which task is done, by its title.
    """,
    arguments=Arguments,
    answer=OneTask,
    run=_run,
    hints=ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
)
