"""The history: up from nothing, up again, equal to the models."""

from mcp_tools.migrate import HISTORY
from pydantic import SecretStr
from servicekit.database.migrations import MigrationSettings, pending_changes, run_migrations

from .conftest import Databases


def test_models_and_database_agree(databases: Databases) -> None:
    assert pending_changes(HISTORY, databases.owner_url) == []


def test_second_run_changes_nothing(databases: Databases) -> None:
    described = (
        "SELECT string_agg(format('%s %s', c.relname, pg_get_expr(p.polqual, c.oid)), E'\\n'"
        " ORDER BY c.relname, p.polname)"
        " FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid"
    )
    before = databases.server.query(described, database="taskchat")

    run_migrations(
        HISTORY,
        MigrationSettings(
            database_url=SecretStr(databases.service_url),
            database_url_direct=SecretStr(databases.owner_url),
        ),
    )

    assert databases.server.query(described, database="taskchat") == before
    assert pending_changes(HISTORY, databases.owner_url) == []
