"""A migrated database of this service, and a look into it past the policies."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from chat_gateway.migrate import HISTORY
from devstack.postgres import EmbeddedPostgres
from devstack.proxy import OutageProxy
from pydantic import SecretStr
from servicekit.database.migrations import MigrationSettings, run_migrations

ROLE, PASSWORD = "chat_gateway", "p@ss/word"


@dataclass(frozen=True)
class Storage:
    """One database of a real server."""

    postgres: EmbeddedPostgres
    name: str

    @property
    def owner_url(self) -> str:
        """libpq URL of the owner."""
        return self.postgres.owner_url(self.name)

    @property
    def service_url(self) -> str:
        """libpq URL of the service's role."""
        return self.postgres.url(ROLE, PASSWORD, self.name)

    @property
    def superuser_url(self) -> str:
        """libpq URL of a role that no policy stops."""
        return self.postgres.superuser_url.replace("/postgres?", f"/{self.name}?")

    def url_through(self, proxy: OutageProxy) -> str:
        """libpq URL of the service's role, by way of a proxy."""
        return self.service_url.replace(f":{self.postgres.port}/", f":{proxy.port}/")

    def migrate(self) -> None:
        """Run the service's own migrations. Blocks; not inside a running loop."""
        settings = MigrationSettings(
            database_url=SecretStr(self.service_url), database_url_direct=SecretStr(self.owner_url)
        )
        run_migrations(HISTORY, settings)

    async def rows(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        """What a query finds, as the superuser sees it."""
        connection = await asyncpg.connect(self.superuser_url)
        try:
            return [dict(row) for row in await connection.fetch(query, *arguments)]
        finally:
            await connection.close()

    async def messages(self, user_id: UUID) -> list[tuple[str, str]]:
        """A person's messages in the order in which they were stored."""
        query = "SELECT role, content FROM chat.message WHERE user_id = $1 ORDER BY created_at, id"
        return [(row["role"], row["content"]) for row in await self.rows(query, user_id)]

    async def turns(self, user_id: UUID) -> list[dict[str, Any]]:
        """A person's turns in the order in which they were opened."""
        return await self.rows(
            "SELECT * FROM chat.turn WHERE user_id = $1 ORDER BY created_at, id", user_id
        )

    async def abandon_turn(self, user_id: UUID) -> None:
        """Let a person's running turn look as if its process had died long ago."""
        await self.rows(
            "UPDATE chat.turn SET lease_expires_at = clock_timestamp() - interval '1 second'"
            " WHERE user_id = $1 AND state = 'running'",
            user_id,
        )

    async def count(self, table: str, user_id: UUID) -> int:
        """How many rows of a person there are in a table of the schema."""
        (row,) = await self.rows(f"SELECT count(*) FROM chat.{table} WHERE user_id = $1", user_id)
        return int(row["count"])
