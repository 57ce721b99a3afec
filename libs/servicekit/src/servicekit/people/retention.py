"""Retention: what got old goes, in batches that hold no lock for long.

Run by the owner over the direct URL, as a role of its own for the length of each transaction: it
can change what its policies let it, in all people's rows, and nobody can sign in as it (ADR 0038).
Safe to repeat, safe at once, safe to kill: what is left is found by the next run.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import Field
from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.database.errors import is_unavailable, sqlstate
from servicekit.database.migrations import direct_connection
from servicekit.database.roles import execute
from servicekit.settings import EnvironmentSettings, LogLevel, PostgresUrl, load
from servicekit.telemetry.logs import set_up_logs

ROWS_A_BATCH: Final = 1000
LOCK_TIMEOUT: Final = "2s"  # whoever has a row keeps it; the next run finds it again
STATEMENT_TIMEOUT: Final = "30s"
_NOBODY: Final = UUID(int=0)
_logger = logging.getLogger(__name__)


class RetentionSettings(EnvironmentSettings):
    """What a retention command is told."""

    database_url_direct: PostgresUrl = Field(
        description="URL of the owner, unpooled",
        examples=["postgresql://owner:password@host/db?sslmode=require"],
    )
    retention_days: int = Field(
        90,
        ge=1,
        le=36_500,
        description="days after which what was recorded of turns and tool calls is emptied, and "
        "old budgets and notes on erased people are deleted",
        examples=[90],
    )
    log_level: LogLevel = Field("INFO", description="least severe level logged", examples=["INFO"])


@dataclass(frozen=True)
class Emptied:
    """Rows that stay, without their words.

    table: qualified; its primary key is (user_id, id). changes: SQL of what is set beside
    `expired_at`. old: SQL of which rows `r`, with `:days`.
    """

    table: str
    changes: str
    old: str


@dataclass(frozen=True)
class Deleted:
    """Rows that go. table: qualified. old: SQL of which rows `r`, with `:days`."""

    table: str
    old: str


@dataclass(frozen=True)
class Retention:
    """What gets old in one schema. role: who may let it go."""

    role: str
    emptied: Sequence[Emptied]
    deleted: Sequence[Deleted]


async def expire(retention: Retention, url: str, days: int) -> dict[str, int]:
    """Let go what is older than this.

    Returns: rows that were emptied or deleted, by table.
    Raises: SQLAlchemyError, OSError: the database; what was done by then is done.
    """
    done: dict[str, int] = {}
    async with direct_connection(url) as connection:
        for emptied in retention.emptied:
            done[emptied.table] = await _empty(connection, retention.role, emptied, days)
        for deleted in retention.deleted:
            done[deleted.table] = await _delete(connection, retention.role, deleted, days)
    return done


async def _empty(connection: AsyncConnection, role: str, what: Emptied, days: int) -> int:
    """Walk along the primary key once, a page at a time: no index is needed for what is old."""
    key, after = "(user_id, id)", "(user_id, id) > (:user_id, :id)"
    page = text(
        f"SELECT user_id, id FROM {what.table} WHERE {after}"
        f" ORDER BY user_id, id OFFSET {ROWS_A_BATCH - 1} LIMIT 1"
    )
    last_page = text(
        f"UPDATE {what.table} AS r SET expired_at = clock_timestamp(), {what.changes}"
        f" WHERE {after} AND r.expired_at IS NULL AND {what.old}"
    )
    one_page = text(f"{last_page.text} AND {key} <= (:to_user, :to_id)")
    begin: dict[str, object] = {"user_id": _NOBODY, "id": _NOBODY}
    changed = 0
    while True:
        async with _as_role(connection, role):
            last = (await connection.execute(page, begin)).one_or_none()
        if last is None:
            return changed + await _batch(connection, role, last_page, {**begin, "days": days})
        end = {"to_user": last.user_id, "to_id": last.id}
        changed += await _batch(connection, role, one_page, {**begin, **end, "days": days})
        begin = {"user_id": last.user_id, "id": last.id}


async def _delete(connection: AsyncConnection, role: str, what: Deleted, days: int) -> int:
    some = text(
        f"DELETE FROM {what.table} WHERE ctid = ANY (ARRAY("
        f"SELECT r.ctid FROM {what.table} AS r WHERE {what.old} LIMIT :rows))"
    )
    gone = 0
    while True:
        count = await _batch(connection, role, some, {"days": days, "rows": ROWS_A_BATCH})
        gone += count
        if count < ROWS_A_BATCH:
            return gone


async def _batch(
    connection: AsyncConnection, role: str, statement: TextClause, values: Mapping[str, object]
) -> int:
    """Run one batch. Returns: rows; 0 too where somebody held it up: it is left for another run."""
    try:
        async with _as_role(connection, role):
            return (await connection.execute(statement, values)).rowcount
    except DBAPIError as error:
        if not is_unavailable(error) or connection.invalidated:
            raise
        _logger.warning("a batch was left for the next run", extra={"sqlstate": sqlstate(error)})
        return 0


@asynccontextmanager
async def _as_role(connection: AsyncConnection, role: str) -> AsyncIterator[None]:
    """A transaction of the role, short by its limits."""
    async with connection.begin():
        await execute(connection, "SET LOCAL ROLE %I", role)
        await connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        await connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")
        yield


def retain(retention: Retention, *, service_name: str) -> None:
    """Be a `retention` command: settings from the environment, logs as JSON, exit code 0, 1 or 2.

    Raises: SystemExit: 2 for wrong settings, 1 for a database that did not let it end.
    """
    settings = load(RetentionSettings)
    set_up_logs(service_name, settings.log_level)
    url = settings.database_url_direct.get_secret_value()
    try:
        done = asyncio.run(expire(retention, url, settings.retention_days))
    except (DBAPIError, OSError) as error:
        reason = sqlstate(error) or type(error).__name__
        sys.stderr.write(f"retention did not end ({reason}); run it again, it goes on\n")
        raise SystemExit(1) from None
    for table, rows in done.items():
        _logger.info("old rows went", extra={"table": table, "rows": rows})
