"""Secrets that are made once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devstack.secret_store import SecretStore


def test_names_asked_for_at_once_are_made_once_each(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    names = [f"name-{number % 5}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda name: SecretStore(path).get(name), names))
    kept = SecretStore(path)
    assert [kept.get(name) for name in names] == made
    assert len(set(made)) == 5


def test_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secrets.json"
    SecretStore(path).get("anything")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
