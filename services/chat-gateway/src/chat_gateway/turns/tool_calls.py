"""Recorded calls → `tool_calls` of the answer. Source: contract.md "The endpoint"."""

from collections.abc import Sequence
from typing import Literal

from pydantic import JsonValue
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from chat_gateway.turns.journal import ToolError, ToolResult


class ToolCall(TypedDict):
    """One member of `tool_calls`; `duration_ms` is measured by mcp-tools."""

    id: str
    name: str
    arguments: dict[str, JsonValue]
    status: Literal["ok", "error"]
    output: dict[str, JsonValue] | None
    error: ToolError | None
    duration_ms: float


def tool_calls(results: Sequence[ToolResult]) -> list[ToolCall]:
    """List every call of a turn in order, failed ones too, as the contract shapes them."""
    return [
        ToolCall(
            id=str(result.id),
            name=result.name,
            arguments=result.arguments,
            status=result.status,
            output=result.output,
            error=result.error,
            duration_ms=result.duration_ms,
        )
        for result in sorted(results, key=lambda result: result.ordinal)
    ]
