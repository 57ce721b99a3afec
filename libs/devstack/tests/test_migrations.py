"""When a later start may leave the migrations out."""

from dataclasses import replace
from pathlib import Path

import pytest
from devstack.database_urls import DatabaseUrls
from devstack.deployment import KINDS, Deployment
from devstack.migrations import migrations_digest
from devstack.secret_store import SecretStore

OWNER_URL = "postgresql://owner:pw@127.0.0.1:5432/taskchat"
MIGRATION = "services/mcp-tools/src/mcp_tools/migrations/versions/0001_tasks.py"


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """A system in a checkout with one migration."""
    (tmp_path / MIGRATION).parent.mkdir(parents=True)
    (tmp_path / MIGRATION).write_text("one")
    (tmp_path / "uv.lock").touch()
    ports = {kind: 8000 + number for number, kind in enumerate(KINDS)}
    return Deployment(
        root=tmp_path,
        ports=ports,
        metrics_ports=ports,
        database=DatabaseUrls(OWNER_URL, OWNER_URL),
        secrets=SecretStore(tmp_path / "secrets.json"),
        settings={},
    )


def test_changed_migration_runs(deployment: Deployment) -> None:
    before = migrations_digest(deployment)
    (deployment.root / MIGRATION).write_text("two")
    assert migrations_digest(deployment) != before


def test_changed_library_runs(deployment: Deployment) -> None:
    before = migrations_digest(deployment)
    (deployment.root / "uv.lock").write_text("alembic 2")
    assert migrations_digest(deployment) != before


def test_new_passwords_run(deployment: Deployment, tmp_path: Path) -> None:
    before = migrations_digest(deployment)
    other = replace(deployment, secrets=SecretStore(tmp_path / "others.json"))
    assert migrations_digest(other) != before


def test_nothing_new_does_not_run(deployment: Deployment) -> None:
    before = migrations_digest(deployment)
    assert migrations_digest(replace(deployment, settings={"LOG_LEVEL": "DEBUG"})) == before
