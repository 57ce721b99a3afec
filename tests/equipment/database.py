"""A look into the database from outside, past the policies: to see, never to seed."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg

TABLES = (
    "chat.conversation",
    "chat.message",
    "chat.turn",
    "chat.feedback",
    "chat.erased_person",
    "chat.daily_use",
    "tasks.task",
    "tasks.tool_call",
    "tasks.erased_person",
)
"""Every table of ours that holds somebody's rows; law 3's test compares it with the catalog."""

OF_ONE_TURN: Final = {
    "chat.conversation": 1,
    "chat.message": 2,
    "chat.turn": 1,
    "chat.daily_use": 1,
}
"""Rows of a person whose one message was answered, but for those of its tools."""


@dataclass(frozen=True, slots=True)
class DatabaseView:
    """The superuser's view of the stack's database."""

    pool: asyncpg.Pool

    async def rows(self, sql: str, *arguments: object) -> list[dict[str, Any]]:
        """What a query finds, as dicts."""
        return [dict(row) for row in await self.pool.fetch(sql, *arguments)]

    async def value(self, sql: str, *arguments: object) -> Any:
        """The first column of a query's first row, or None."""
        return await self.pool.fetchval(sql, *arguments)

    async def rows_of(self, user_id: UUID) -> dict[str, int]:
        """How many rows a user has in each table; tables without one are left out."""
        counts = " UNION ALL ".join(
            f"SELECT '{table}', count(*) FROM {table} WHERE user_id = $1" for table in TABLES
        )
        return {table: rows for table, rows in await self.pool.fetch(counts, user_id) if rows}
