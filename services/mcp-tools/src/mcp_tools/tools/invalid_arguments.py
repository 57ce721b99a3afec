"""What a model is told about wrong arguments: the name and the rule, never the value."""

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mcp_tools.errors import InvalidArguments
from mcp_tools.tools.parameters import RULES, TEXT_REFUSED

_MAX_COMPLAINTS = 5
_MAX_NAME_CHARACTERS = 40


def invalid_arguments(
    error: ValidationError, tool_name: str, parameters: tuple[str, ...]
) -> InvalidArguments:
    """Say what is wrong, in the order of the parameters.

    Args: error: of the tool's arguments. parameters: the names that the model may give.
    """
    details = error.errors(include_url=False, include_input=False, include_context=False)
    complaints = list(dict.fromkeys(_complaints(details, tool_name, parameters)))
    return InvalidArguments(" ".join(complaints[:_MAX_COMPLAINTS]))


def unknown_tool(tool_names: tuple[str, ...]) -> InvalidArguments:
    """Say which tools there are."""
    return InvalidArguments(f"There is no tool of this name. The tools are {_listed(tool_names)}.")


def _complaints(
    details: list[ErrorDetails], tool_name: str, parameters: tuple[str, ...]
) -> Iterator[str]:
    for detail in details:
        name = str(detail["loc"][0]) if detail["loc"] else None
        if name is None:
            yield str(detail["msg"])
        elif detail["type"] == "extra_forbidden":
            unknown = f"`{name}`" if _may_be_shown(name) else "One of the arguments"
            yield f"{unknown} is not a parameter of {tool_name}. It takes {_listed(parameters)}."
        elif detail["type"] == TEXT_REFUSED:
            yield f"`{name}` {detail['msg']}."
        elif detail["type"] == "missing":
            yield f"`{name}` is required: it {RULES[name]}."
        else:
            yield f"`{name}` {RULES[name]}."


def _may_be_shown(name: str) -> bool:
    return name.isascii() and name.isidentifier() and len(name) <= _MAX_NAME_CHARACTERS


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
