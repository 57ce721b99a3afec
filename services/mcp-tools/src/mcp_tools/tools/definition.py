"""What a tool is: its name, the words for the model, its schemas, and what it does."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from fastmcp.utilities.json_schema import dereference_refs
from mcp_types import ToolAnnotations
from pydantic import JsonValue, ValidationError

from mcp_tools.tasks.schemas import Answer
from mcp_tools.tasks.service import TaskService
from mcp_tools.tools.invalid_arguments import invalid_arguments
from mcp_tools.tools.parameters import ToolArguments, flat_schema

Run = Callable[[TaskService], Awaitable[dict[str, JsonValue]]]
"""A call whose arguments are right; returns the tool's output."""

ArgumentsT = TypeVar("ArgumentsT", bound=ToolArguments)


@dataclass(frozen=True)
class ToolDefinition:
    """One of the five tools, as it is advertised and called.

    Attributes: input_schema, output_schema: JSON Schema without references.
        prepare: from arguments as they came to a call; raises InvalidArguments.
    """

    name: str
    description: str
    input_schema: dict[str, JsonValue]
    output_schema: dict[str, JsonValue]
    hints: ToolAnnotations
    prepare: Callable[[Mapping[str, object]], Run]


def define_tool(
    *,
    name: str,
    description: str,
    arguments: type[ArgumentsT],
    answer: type[Answer],
    run: Callable[[TaskService, ArgumentsT], Awaitable[Answer]],
    hints: ToolAnnotations,
) -> ToolDefinition:
    """Make a tool of a function.

    Args: description: when to use it, what comes back, what to do next.
        run: one call of the service. hints: what clients may tell people before it is called.
    """
    parameters = tuple(field for field in arguments.model_fields if field != "user_id")

    def prepare(given: Mapping[str, object]) -> Run:
        try:
            right = arguments.model_validate(given)
        except ValidationError as error:
            raise invalid_arguments(error, name, parameters) from None

        async def run_tool(tasks: TaskService) -> dict[str, JsonValue]:
            return (await run(tasks, right)).model_dump(mode="json")

        return run_tool

    return ToolDefinition(
        name=name,
        description=" ".join(description.split()),
        input_schema=flat_schema(arguments, "validation"),
        # Some clients cannot follow references; here none need to.
        output_schema=dereference_refs(flat_schema(answer, "serialization")),
        hints=hints,
        prepare=prepare,
    )
