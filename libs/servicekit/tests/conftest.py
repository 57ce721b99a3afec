"""A real Postgres for all tests of the kit, and databases of their own for those that want one."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from devstack.postgres import EmbeddedPostgres
from servicekit.database.migrations import MigrationHistory

from .ledger import FIRST_REVISION, Ledger, ledger_metadata


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres.start(tmp_path_factory.mktemp("data") / "postgres", durable=False)
    yield server
    server.stop("immediate")


_numbers = itertools.count(1)


def make_ledger(postgres: EmbeddedPostgres, directory: Path, patch: pytest.MonkeyPatch) -> Ledger:
    number = next(_numbers)
    package = f"ledger_revisions_{number}"
    revisions = directory / package
    revisions.mkdir()
    (revisions / "__init__.py").touch()
    (revisions / "0001_entry.py").write_text(FIRST_REVISION)
    patch.syspath_prepend(directory)
    name = f"ledger_{number}"
    postgres.create_database(name)
    history = MigrationHistory(
        package=package,
        metadata=ledger_metadata(),
        grants={"entry": ("SELECT", "INSERT", "UPDATE")},
    )
    return Ledger(postgres, name, history, revisions, f"ledger role {number}", "p@ss'w\"%40/:x")


@pytest.fixture
def empty_ledger(
    postgres: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Ledger:
    """A database on which nothing has run yet."""
    return make_ledger(postgres, tmp_path, monkeypatch)


@pytest.fixture
def ledger(empty_ledger: Ledger) -> Ledger:
    """A migrated database of the test's own."""
    empty_ledger.migrate()
    return empty_ledger


@pytest.fixture(scope="session")
def shared_ledger(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ledger]:
    """A migrated database for tests that bring users of their own."""
    with pytest.MonkeyPatch.context() as patch:
        ledger = make_ledger(postgres, tmp_path_factory.mktemp("shared"), patch)
        ledger.migrate()
        yield ledger
