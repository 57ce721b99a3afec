"""A look into the release's own Postgres: to see, never to seed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tests.cluster.equipment.port_forward import port_forward
from tests.cluster.equipment.release import Release
from tests.equipment.database import DatabaseView

PORT = 5432
DATABASE = "taskchat"


@asynccontextmanager
async def open_database_view(release: Release) -> AsyncIterator[DatabaseView]:
    """Look past the policies while the block runs; it does not survive the end of Postgres' pod."""
    secret = await release.secret(release.resource("postgres"))
    target = f"service/{release.resource('postgres')}"
    async with (
        port_forward(release.kubectl, target, PORT) as port,
        asyncpg.create_pool(
            host="127.0.0.1",
            port=port,
            user="postgres",
            password=secret["superuser-password"],
            database=DATABASE,
            ssl=False,
            min_size=1,
            max_size=2,
        ) as pool,
    ):
        yield DatabaseView(pool)
