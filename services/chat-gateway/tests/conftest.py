"""A real Postgres for all tests of the service; each test takes people of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest
from devstack.postgres import EmbeddedPostgres
from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database

from .equipment.storage import Storage


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres.start(tmp_path_factory.mktemp("data") / "postgres", durable=False)
    yield server
    server.stop("immediate")


@pytest.fixture(scope="session")
def storage(postgres: EmbeddedPostgres) -> Storage:
    postgres.create_database("gateway")
    storage = Storage(postgres, "gateway")
    storage.migrate()
    return storage


@pytest.fixture
async def database(storage: Storage) -> AsyncIterator[Database]:
    """The pool of one process."""
    database = Database(create_engine(storage.service_url, application_name="tests"))
    yield database
    await database.dispose()
