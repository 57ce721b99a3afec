"""What the model does next: say something, or use tools."""

from dataclasses import dataclass

from pydantic import JsonValue


@dataclass(frozen=True)
class ToolUse:
    """One call that the model wants made. Args: name: a tool that was offered."""

    name: str
    arguments: dict[str, JsonValue]


@dataclass(frozen=True)
class Say:
    """The turn's answer."""

    text: str


@dataclass(frozen=True)
class UseTools:
    """Calls to make before the model goes on; at least one."""

    calls: tuple[ToolUse, ...]


Step = Say | UseTools
