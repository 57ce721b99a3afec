"""What stands in the tables, read as the superuser: row-level security hides nothing from it."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg


@dataclass(frozen=True)
class Rows:
    """Reads; it never writes what the tools could write."""

    connection: asyncpg.Connection

    async def tasks(self, user_id: UUID) -> list[dict[str, Any]]:
        """A user's tasks, oldest first."""
        rows = await self.connection.fetch(
            "SELECT * FROM tasks.task WHERE user_id = $1 ORDER BY created_at, id", user_id
        )
        return [dict(row) for row in rows]

    async def calls(self, user_id: UUID) -> list[dict[str, Any]]:
        """A user's tool calls, oldest first, with their JSON read."""
        rows = await self.connection.fetch(
            "SELECT * FROM tasks.tool_call WHERE user_id = $1 ORDER BY created_at, id", user_id
        )
        return [{name: _read(value) for name, value in row.items()} for row in rows]

    async def call(self, user_id: UUID) -> dict[str, Any]:
        """The only tool call of a user."""
        (call,) = await self.calls(user_id)
        return call


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value
