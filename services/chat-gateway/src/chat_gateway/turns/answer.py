"""The answer of a turn: the 200 body, rendered once and stored as it is (contract.md "Retries")."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chat_gateway.tools.calls import tool_calls
from chat_gateway.turns.journal import ToolResult


@dataclass(frozen=True, slots=True)
class TurnAnswer:
    """What a turn answers. body: JSON text. replayed: it was stored by an earlier request."""

    body: str
    replayed: bool


def render_answer(
    *,
    conversation_id: UUID,
    turn_id: UUID,
    message_id: UUID,
    response: str,
    results: Sequence[ToolResult],
    created_at: datetime,
) -> str:
    """Write the 200 body of contract.md "The endpoint".

    Args: message_id, created_at: of the assistant's message; created_at is aware UTC.
    """
    return json.dumps(
        {
            "conversation_id": str(conversation_id),
            "turn_id": str(turn_id),
            "message_id": str(message_id),
            "response": response,
            "tool_calls": tool_calls(results),
            "created_at": created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
