"""The answer of a turn: the 200 body, rendered once and stored as it is (contract.md "Retries")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PlainSerializer

from chat_gateway.turns.journal import ToolResult
from chat_gateway.turns.tool_calls import ToolCall, tool_calls


@dataclass(frozen=True, slots=True)
class TurnAnswer:
    """What a turn answers. body: JSON text. replayed: it was stored by an earlier request."""

    body: str
    replayed: bool


def _microseconds(time: datetime) -> str:
    """RFC 3339 in UTC with six digits, also when they are zeros."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class ChatAnswer(BaseModel):
    """The 200 body. Source: contract.md "The endpoint"."""

    model_config = ConfigDict(frozen=True, json_schema_mode_override="serialization")

    conversation_id: UUID
    turn_id: UUID
    message_id: UUID
    response: str
    tool_calls: list[ToolCall]
    created_at: Annotated[datetime, PlainSerializer(_microseconds, when_used="json")]


def render_answer(
    *,
    conversation_id: UUID,
    turn_id: UUID,
    message_id: UUID,
    response: str,
    results: Sequence[ToolResult],
    created_at: datetime,
) -> str:
    """Write the 200 body.

    Args: message_id, created_at: of the assistant's message; created_at is aware.
    """
    return ChatAnswer(
        conversation_id=conversation_id,
        turn_id=turn_id,
        message_id=message_id,
        response=response,
        tool_calls=tool_calls(results),
        created_at=created_at,
    ).model_dump_json()
