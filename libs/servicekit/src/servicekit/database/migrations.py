"""Migrations: role, schema, history and grants of one service, in one idempotent run.

They run as the owner over the direct URL: two runs wait for each other, and a lock for the length
of a run means nothing through a pooler. Safe to repeat, safe at once.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import FrameType
from typing import Final

import asyncpg
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import Field
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from servicekit.database.errors import sqlstate
from servicekit.database.migration_lock import migration_lock
from servicekit.database.roles import (
    Grants,
    RoleRefused,
    ServiceRole,
    grant_tables,
    role_of,
    set_up_role,
)
from servicekit.database.urls import asyncpg_url
from servicekit.settings import EnvironmentSettings, LogLevel, PostgresUrl, load
from servicekit.telemetry.logs import set_up_logs

_MIGRATION_LOCK_TIMEOUT: Final = "5s"  # rather fail and be run again than stop all traffic
_ENVIRONMENT: Final = files("servicekit.database.alembic")
_OPEN_TABLES: Final = text(
    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
    " WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = :schema)"
    " AND c.relkind IN ('r', 'p') AND a.attname = 'user_id' AND NOT a.attisdropped"
    " AND NOT (c.relrowsecurity AND c.relforcerowsecurity"
    " AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))"
)
_logger = logging.getLogger(__name__)


class MigrationFailed(Exception):
    """The database is not as the service needs it; the text says what to do."""


class MigrationSettings(EnvironmentSettings):
    """What a migrate command is told."""

    database_url: PostgresUrl = Field(
        description="URL of the service's own role, which is created or updated from it",
        examples=["postgresql://service:password@host/db?sslmode=require"],
    )
    database_url_direct: PostgresUrl = Field(
        description="URL of the owner, unpooled",
        examples=["postgresql://owner:password@host/db?sslmode=require"],
    )
    log_level: LogLevel = Field("INFO", description="least severe level logged", examples=["INFO"])


@dataclass(frozen=True)
class MigrationHistory:
    """One service's schema over time.

    Args: package: whose folder holds the revisions, e.g. `mcp_tools.migrations`. metadata: of the
        models, with its schema. grants: what the service's role may do, table by table.
    """

    package: str
    metadata: MetaData
    grants: Grants

    @property
    def schema(self) -> str:
        """The schema that the history owns."""
        if self.metadata.schema is None:
            raise ValueError("the metadata must name its schema")
        return self.metadata.schema

    def includes(self, name: str | None, kind: str, parents: object) -> bool:
        """Tell Alembic what is ours: this schema, without the table of versions."""
        if kind == "schema":
            return name == self.schema
        return kind != "table" or name != "alembic_version"

    def config(self, connection: Connection) -> Config:
        """Alembic's configuration, made in memory: no alembic.ini, no second environment."""
        config = Config()
        config.set_main_option("script_location", _escaped(str(_ENVIRONMENT)))
        config.set_main_option("version_locations", _escaped(str(files(self.package))))
        config.set_main_option("path_separator", "newline")
        config.attributes["history"] = self
        config.attributes["connection"] = connection
        return config

    def unknown_revisions(self, connection: Connection) -> dict[str, str]:
        """Say at which revision the database is that this version does not have, as log fields.

        Such a database belongs to a newer version: its migrations only expanded what ours need, so
        that a rollback is served by it as it is. Source: ADR 0011. Empty: there is none.
        """
        script = ScriptDirectory.from_config(self.config(connection))
        known = {revision.revision for revision in script.walk_revisions()}
        database = MigrationContext.configure(
            connection, opts={"version_table_schema": self.schema}
        )
        unknown = set(database.get_current_heads()) - known
        return {"schema": self.schema, "revision": ", ".join(unknown)} if unknown else {}


def _escaped(path: str) -> str:
    return str(Path(path)).replace("%", "%%")


@asynccontextmanager
async def direct_connection(url: str) -> AsyncIterator[AsyncConnection]:
    asyncpg, connect_args = asyncpg_url(url)
    engine = create_async_engine(
        asyncpg, poolclass=NullPool, connect_args=connect_args, hide_parameters=True
    )
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


_ROLE: Final = text("SELECT 1 FROM pg_roles WHERE rolname = :name")


async def _logs_in(connection: AsyncConnection, role: ServiceRole, owner_url: str) -> bool:
    """Whether the database lets the role in with its password now.

    One that is not there yet is not tried: the server's log would tell of an attack.
    """
    if await connection.scalar(_ROLE, {"name": role.name}) is None:
        return False
    url = make_url(owner_url).set(username=role.name, password=role.password)
    try:
        async with direct_connection(url.render_as_string(hide_password=False)):
            return True
    except (SQLAlchemyError, OSError, asyncpg.PostgresError):
        return False


async def _migrate(history: MigrationHistory, role: ServiceRole, owner_url: str) -> None:
    async with (
        direct_connection(owner_url) as holding,
        direct_connection(owner_url) as connection,
        migration_lock(holding),
    ):
        await connection.execute(text("SELECT set_config('statement_timeout', '0', false)"))
        await connection.execute(
            text("SELECT set_config('lock_timeout', :value, false)"),
            {"value": _MIGRATION_LOCK_TIMEOUT},
        )
        password_is_set = await _logs_in(connection, role, owner_url)
        await set_up_role(connection, role, history.schema, password_is_set=password_is_set)
        await connection.commit()
        if newer := await connection.run_sync(history.unknown_revisions):
            # The grants too are the newer version's, whose pods may run beside ours.
            _logger.warning("the schema is ahead of this version: left as it is", extra=newer)
            return
        await connection.run_sync(
            lambda synchronous: command.upgrade(history.config(synchronous), "head")
        )
        await connection.commit()
        await grant_tables(connection, role, history.schema, history.grants)
        await _refuse_open_tables(connection, history.schema)
        await connection.commit()


async def _refuse_open_tables(connection: AsyncConnection, schema: str) -> None:
    """Law 5: a table of users' rows without forced row-level security is never put to use."""
    open_tables = (await connection.scalars(_OPEN_TABLES, {"schema": schema})).all()
    if open_tables:
        raise MigrationFailed(
            f"Tables without FORCE ROW LEVEL SECURITY and a policy: {', '.join(open_tables)}."
            " Add them in a revision; until then the service's role has no rights."
        )


def run_migrations(history: MigrationHistory, settings: MigrationSettings) -> None:
    """Bring role, schema, tables and grants to what this version of the service needs. Blocks.

    Raises: MigrationFailed: with what to do; nothing of a URL or password in it.
    """
    service_url = settings.database_url.get_secret_value()
    owner_url = settings.database_url_direct.get_secret_value()
    try:
        asyncio.run(_migrate(history, role_of(service_url, owner_url), owner_url))
    except RoleRefused as error:
        raise MigrationFailed(str(error)) from None
    except TimeoutError:
        raise MigrationFailed("Another migration held its lock for 5 minutes.") from None
    except (SQLAlchemyError, OSError) as error:
        # Without the cause: its text may hold the statement that sets the password.
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        raise MigrationFailed(
            f"failed to migrate schema {history.schema}: {reason} (SQLSTATE {sqlstate(error)})"
        ) from None


def migrate(history: MigrationHistory, *, service_name: str) -> None:
    """Be a `migrate` command: settings from the environment, logs as JSON, exit code 0, 1 or 2.

    SIGTERM ends it at once: the database takes back what is not committed.

    Raises: SystemExit: 2 for wrong settings, 1 for a failed migration, 143 after SIGTERM, with one
        line on stderr.
    """
    # Without a handler it would be lost: a container's first process has no default one.
    signal.signal(signal.SIGTERM, _stop)
    settings = load(MigrationSettings)
    set_up_logs(service_name, settings.log_level)
    try:
        run_migrations(history, settings)
    except MigrationFailed as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    _logger.info("migrations are up to date", extra={"schema": history.schema})


def _stop(signal_number: int, _frame: FrameType | None) -> None:
    sys.stderr.write("stopped by SIGTERM: run it again, it goes on where it was\n")
    raise SystemExit(128 + signal_number)


def pending_changes(history: MigrationHistory, owner_url: str) -> list[str]:
    """Say where models and database differ (`alembic check`), for the test that they agree. Blocks.

    Args: owner_url: libpq URL of a database on which the history has run.
    Returns: one line per difference; empty when a new revision would be empty.
    """

    def compare(connection: Connection) -> list[str]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": history.includes,
                "compare_server_default": True,
            },
        )
        return [str(difference) for difference in compare_metadata(context, history.metadata)]

    async def connect_and_compare() -> list[str]:
        async with direct_connection(owner_url) as connection:
            return await connection.run_sync(compare)

    return asyncio.run(connect_and_compare())
