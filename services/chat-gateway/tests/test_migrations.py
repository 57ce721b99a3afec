"""The schema over time: from empty, again, and as the models say."""

from chat_gateway.migrate import HISTORY
from devstack.postgres import EmbeddedPostgres
from servicekit.database.migrations import pending_changes

from .equipment.storage import Storage


def test_models_and_database_agree(storage: Storage) -> None:
    assert pending_changes(HISTORY, storage.owner_url) == []


def test_second_run_changes_nothing(postgres: EmbeddedPostgres) -> None:
    postgres.create_database("twice")
    storage = Storage(postgres, "twice")
    storage.migrate()
    query = "SELECT relname, xmin FROM pg_class WHERE relnamespace = 'chat'::regnamespace"
    before = postgres.query(query, database="twice")
    storage.migrate()
    assert "turn_running_per_conversation" in before
    tables_before = {line.split("|")[0] for line in before.splitlines()}
    after = postgres.query(query, database="twice")
    assert {line.split("|")[0] for line in after.splitlines()} == tables_before
