"""`list_tasks`."""

from mcp_types import ToolAnnotations
from pydantic import Field

from mcp_tools.tasks.schemas import TaskPage
from mcp_tools.tasks.service import TaskService
from mcp_tools.tools.definition import define_tool
from mcp_tools.tools.parameters import (
    DEFAULT_PAGE,
    Absent,
    CursorText,
    Limit,
    StatusFilter,
    ToolArguments,
)


class Arguments(ToolArguments):
    """Source: docs/contract.md "Tools"."""

    status: StatusFilter = Field(
        default="all", description="Which tasks: all, only pending, or only completed ones."
    )
    limit: Limit = Field(default=DEFAULT_PAGE, description="How many tasks at most.")
    cursor: CursorText | Absent = Field(
        default=None,
        description="`next_cursor` of the answer before, to get older tasks. Leave out to begin "
        "with the newest.",
    )


async def _run(tasks: TaskService, arguments: Arguments) -> TaskPage:
    return await tasks.page(arguments.status, arguments.limit, arguments.cursor)


LIST_TASKS = define_tool(
    name="list_tasks",
    description="""
        List the person's tasks, newest first. Use it to answer questions about their tasks, and to
        learn the `id` of a task before you complete, update or delete it: never guess an id.
        Returns `tasks` and `next_cursor`. When `next_cursor` is not null there are older tasks:
        call again with it as `cursor` and the same `status` if you need them. When several tasks
        fit what the person means, ask which one.
    """,
    arguments=Arguments,
    answer=TaskPage,
    run=_run,
    hints=ToolAnnotations(read_only_hint=True, open_world_hint=False),
)
