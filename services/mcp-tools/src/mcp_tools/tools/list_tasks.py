"""`list_tasks`."""

from collections.abc import Mapping
from typing import Any

from mcp_types import ToolAnnotations
from pydantic import Field, model_validator

from mcp_tools.tasks.schemas import TaskPage
from mcp_tools.tasks.service import TaskService
from mcp_tools.tools.definition import define_tool
from mcp_tools.tools.parameters import (
    DEFAULT_PAGE,
    Absent,
    CursorText,
    Limit,
    Query,
    StatusFilter,
    ToolArguments,
)


class Arguments(ToolArguments):
    """Source: docs/contract.md "Tools"."""

    status: StatusFilter = Field(
        default="all", description="Which tasks: all, only pending, or only completed ones."
    )
    query: Query | Absent = Field(
        default=None,
        description="Words that must all occur in the title or the description, in any case. "
        "Leave out for every task.",
    )
    limit: Limit = Field(default=DEFAULT_PAGE, description="How many tasks a page has at most.")
    cursor: CursorText | Absent = Field(
        default=None,
        description="`next_cursor` of the answer before, to get older tasks. Leave out to begin "
        "with the newest.",
    )

    @model_validator(mode="before")
    @classmethod
    def _blank_is_left_out(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """Leave out what is an empty text: no filter and no position can be one."""
        return {
            name: value
            for name, value in given.items()
            if not isinstance(value, str) or value.strip()
        }


async def _run(tasks: TaskService, arguments: Arguments) -> TaskPage:
    return await tasks.page(arguments.status, arguments.limit, arguments.cursor, arguments.query)


LIST_TASKS = define_tool(
    name="list_tasks",
    description="""
        List the person's tasks, newest first. Use it to answer questions about their tasks, and to
        learn the `id` of a task before you complete, update or delete it: never guess an id.
        Returns one page as `tasks`, 50 unless you give a `limit`, and `total`: how many there are,
        on all pages. When `next_cursor` is not null there are older ones: call again with it as
        `cursor` and the same `status` and `query` if you need them. When several tasks fit what the
        person means, ask which one.
    """,
    arguments=Arguments,
    answer=TaskPage,
    run=_run,
    hints=ToolAnnotations(read_only_hint=True, open_world_hint=False),
)
