"""`delete_task`."""

from mcp_types import ToolAnnotations
from pydantic import Field

from mcp_tools.tasks.schemas import DeletedTask
from mcp_tools.tasks.service import TaskService
from mcp_tools.tools.definition import define_tool
from mcp_tools.tools.parameters import TaskId, ToolArguments


class Arguments(ToolArguments):
    """Source: docs/contract.md "Tools"."""

    task_id: TaskId = Field(description="`id` of the task, as list_tasks or add_task returned it.")


async def _run(tasks: TaskService, arguments: Arguments) -> DeletedTask:
    return DeletedTask(deleted=await tasks.delete(arguments.task_id))


DELETE_TASK = define_tool(
    name="delete_task",
    description="""
        Delete one task. It is gone from the list at once, and there is no undo; its words stay in
        the record of calls until that gets old. Use it only when the person wants a task removed;
        for something that they have done use complete_task. Before more than five deletions ask the
        person first, and delete once they have agreed, unless the message itself says that they are
        sure. If you do not know the task's `id`, call list_tasks first. Returns the task as it was,
        as `deleted`. Then tell the person which task was deleted, by its title.
    """,
    arguments=Arguments,
    answer=DeletedTask,
    run=_run,
    hints=ToolAnnotations(
        read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=False
    ),
)
