"""The migrations' lock: one run at a time in a database, whichever service's it is.

It is a lock on a table of the owner's, which no service's role may touch. An advisory lock can be
taken by whoever may connect, and a stolen password of one service would then stop every upgrade;
EXECUTE on those functions is a superuser's to take away, which nobody is at a managed Postgres.
services/auth takes the same lock (schema.ts).
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.database.errors import sqlstate

LOCK_WAIT_SECONDS: Final = 300.0
_LOCK_POLL_SECONDS: Final = 0.25
_MISSING: Final = text("SELECT to_regclass('taskchat.migration_lock') IS NULL")
_MAKE: Final = (
    "CREATE SCHEMA IF NOT EXISTS taskchat",
    "CREATE TABLE IF NOT EXISTS taskchat.migration_lock ()",
)
# Tried, not waited for: a session that waits holds a snapshot, on which CREATE INDEX CONCURRENTLY
# of the run that has the lock would wait in turn. EXCLUSIVE lets a backup read on.
_TAKE: Final = "LOCK TABLE taskchat.migration_lock IN EXCLUSIVE MODE NOWAIT"
# The transaction that holds the lock is idle while the migrations run on another connection.
# transaction_timeout is Postgres 17's.
_NO_LIMITS: Final = text(
    "SELECT set_config(name, '0', false) FROM pg_settings"
    " WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')"
)
_LOCK_NOT_AVAILABLE: Final = "55P03"
# Two first runs at once: IF NOT EXISTS looks before the other's row is there.
_MADE_MEANWHILE: Final = ("23505", "42P06", "42P07")
_logger = logging.getLogger(__name__)


@asynccontextmanager
async def migration_lock(connection: AsyncConnection) -> AsyncIterator[None]:
    """Be the only migration of this database, for as long as a transaction of its own lives.

    Args: connection: the owner's, direct, used for nothing else meanwhile.
    Raises: TimeoutError: another run held it for 5 minutes. DBAPIError: the database refused, or
        the connection was lost meanwhile, and with it the lock.
    """
    await connection.execute(_NO_LIMITS)
    await connection.commit()
    await _make_table(connection)
    await _take(connection)
    yield
    await connection.execute(text("SELECT 1"))  # is it still ours?
    await connection.rollback()


async def _make_table(connection: AsyncConnection) -> None:
    while await connection.scalar(_MISSING):
        try:
            for statement in _MAKE:
                await connection.exec_driver_sql(statement)
            await connection.commit()
        except DBAPIError as error:
            if sqlstate(error) not in _MADE_MEANWHILE:
                raise
            await connection.rollback()
    await connection.rollback()


async def _take(connection: AsyncConnection) -> None:
    waited = False
    async with asyncio.timeout(LOCK_WAIT_SECONDS):
        while not await _taken(connection):
            if not waited:
                _logger.info("waiting for another migration to end")
                waited = True
            await asyncio.sleep(_LOCK_POLL_SECONDS)


async def _taken(connection: AsyncConnection) -> bool:
    try:
        await connection.exec_driver_sql(_TAKE)
    except DBAPIError as error:
        await connection.rollback()
        if sqlstate(error) != _LOCK_NOT_AVAILABLE:
            raise
        return False
    return True
