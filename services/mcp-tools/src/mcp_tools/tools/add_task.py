"""`add_task`."""

from mcp_types import ToolAnnotations
from pydantic import Field

from mcp_tools.tasks.schemas import OneTask
from mcp_tools.tasks.service import TaskService
from mcp_tools.tools.definition import define_tool
from mcp_tools.tools.parameters import Absent, Description, Title, ToolArguments


class Arguments(ToolArguments):
    """Source: docs/contract.md "Tools"."""

    title: Title = Field(description="What is to be done, in the person's own words.")
    description: Description | Absent = Field(
        default=None, description="Details the person gave beside the title. Leave out if none."
    )


async def _run(tasks: TaskService, arguments: Arguments) -> OneTask:
    return OneTask(task=await tasks.add(arguments.title, arguments.description))


ADD_TASK = define_tool(
    name="add_task",
    description="""
        Add one task to the person's todo list. Use it when they ask to be reminded of, add, note or
        create something to do; not for what they merely tell. One task for each thing: a list of
        things is one call each, in their order. The title keeps the person's words, language and
        script. Returns the new `task` with its `id`. Then tell the person what was added, by title.
    """,
    arguments=Arguments,
    answer=OneTask,
    run=_run,
    hints=ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
    ),
)
