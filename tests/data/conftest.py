"""Somebody in the crowd."""

import pytest

from tests.data.crowd import FILL, INDEXES, ONE_OF_THEM, Somebody
from tests.equipment.database import DatabaseView


@pytest.fixture(scope="package")
async def somebody(database: DatabaseView) -> Somebody:
    async with database.pool.acquire() as connection:
        await connection.execute(FILL)
        return Somebody(*await connection.fetchrow(ONE_OF_THEM))


@pytest.fixture(scope="package")
async def of_a_user(database: DatabaseView) -> set[str]:
    """The indexes that begin with `user_id`."""
    return {
        row["index"] for row in await database.rows(INDEXES) if row["first_column"] == "user_id"
    }
