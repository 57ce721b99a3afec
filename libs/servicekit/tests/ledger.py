"""A small service's schema with its history, for tests of migrations, roles and transactions."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from devstack.postgres import EmbeddedPostgres
from pydantic import SecretStr
from servicekit.database.migrations import MigrationHistory, MigrationSettings, run_migrations
from sqlalchemy import Column, DateTime, MetaData, Table, Text, Uuid, text

SCHEMA = "ledger"
FIRST_REVISION = dedent(
    """
    import sqlalchemy as sa
    from alembic import op

    revision = "0001"
    down_revision = None

    def upgrade() -> None:
        op.create_table(
            "entry",
            sa.Column("user_id", sa.Uuid, primary_key=True),
            sa.Column("id", sa.Uuid, primary_key=True),
            sa.Column("note", sa.Text, nullable=False),
            sa.Column(
                "created_at",
                sa.DateTime(timezone=True),
                nullable=False,
                server_default=sa.text("now()"),
            ),
            schema="ledger",
        )
        op.execute("ALTER TABLE ledger.entry ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE ledger.entry FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY own_rows ON ledger.entry USING (user_id ="
            " (SELECT nullif(current_setting('app.user_id', true), '')::uuid))"
        )
    """
)


def ledger_metadata() -> MetaData:
    """The models' side of the history."""
    metadata = MetaData(schema=SCHEMA)
    Table(
        "entry",
        metadata,
        Column("user_id", Uuid, primary_key=True),
        Column("id", Uuid, primary_key=True),
        Column("note", Text, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    )
    return metadata


@dataclass(frozen=True)
class Ledger:
    """A database of its own for one test, and who may log in to it."""

    postgres: EmbeddedPostgres
    name: str
    history: MigrationHistory
    revisions: Path
    role: str
    password: str

    @property
    def owner_url(self) -> str:
        return self.postgres.owner_url(self.name)

    @property
    def service_url(self) -> str:
        return self.postgres.url(self.role, self.password, self.name)

    def settings(self, service_url: str | None = None) -> MigrationSettings:
        return MigrationSettings(
            database_url=SecretStr(service_url or self.service_url),
            database_url_direct=SecretStr(self.owner_url),
        )

    def migrate(self) -> None:
        run_migrations(self.history, self.settings())

    async def migrate_in_thread(self, *, limit_seconds: float) -> None:
        """From a test that has an event loop of its own."""
        async with asyncio.timeout(limit_seconds):
            await asyncio.to_thread(self.migrate)
