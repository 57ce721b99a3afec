"""Which program of this machine is taken, and which is not."""

import os
from pathlib import Path

import pytest
from devstack.tools.catalogue import ALL
from devstack.tools.presence import cache_folder, kept, present

from .programs import program, spanner


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, beside those of the shell."""
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), os.defpath]))
    return folder


def test_nothing_there(bin_folder: Path, tmp_path: Path) -> None:
    assert present(spanner(), tmp_path) is None


@pytest.mark.parametrize("says", ["v2.9.0", "v4.0.0", "13.2.1", "no version at all"])
def test_wrong_version_on_path_is_not_taken(bin_folder: Path, tmp_path: Path, says: str) -> None:
    program(bin_folder, "spanner", says)
    assert present(spanner(), tmp_path) is None


def test_program_that_fails_to_say_its_version_is_not_taken(
    bin_folder: Path, tmp_path: Path
) -> None:
    program(bin_folder, "spanner", "v3.2.1", code=1)
    assert present(spanner(), tmp_path) is None


def test_right_version_behind_a_wrong_one_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "first", "spanner", "v2.0.0")
    right = program(tmp_path / "second", "spanner", "v3.9.9")
    folders = [str(tmp_path / "first"), str(tmp_path / "second"), os.defpath]
    monkeypatch.setenv("PATH", os.pathsep.join(folders))
    assert present(spanner(), tmp_path) == right


def test_another_name_of_the_program_is_found(bin_folder: Path, tmp_path: Path) -> None:
    right = program(bin_folder, "spanner3", "spanner version v3.0.0+g1234567")
    assert present(spanner(aliases=("spanner3",)), tmp_path) == right


def test_obtained_one_is_found_when_path_has_none(bin_folder: Path, tmp_path: Path) -> None:
    mine = program(kept(spanner(), tmp_path).parent, "spanner", "v3.2.1")
    assert present(spanner(), tmp_path) == mine


def test_file_that_cannot_be_run_is_not_taken(bin_folder: Path, tmp_path: Path) -> None:
    program(kept(spanner(), tmp_path).parent, "spanner", "v3.2.1").chmod(0o644)
    assert present(spanner(), tmp_path) is None


def test_cache_is_where_the_person_wants_it() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/caches"}) == Path("/caches/taskchat/tools")
    assert cache_folder({"XDG_CACHE_HOME": ""}) == Path.home() / ".cache/taskchat/tools"


@pytest.mark.parametrize("tool", [tool for tool in ALL if tool.asks], ids=lambda tool: tool.name)
def test_each_pin_fits_itself(tool: object) -> None:
    (same,) = [known for known in ALL if known is tool]
    assert same.accepts(f"v{same.version}")


@pytest.mark.parametrize(
    ("name", "says", "accepted"),
    [
        ("helm", "v4.3.1", False),
        ("helm4", "v3.22.0", False),
        ("kubectl", "Client Version: v1.31.9", False),
        ("kubectl", "Client Version: v1.35.4\nKustomize Version: v5.7.1", True),
        ("helm-docs", "helm-docs version v1.14.1", False),
    ],
)
def test_versions_that_matter(name: str, says: str, accepted: bool) -> None:
    (tool,) = [tool for tool in ALL if tool.name == name]
    assert tool.accepts(says) is accepted
