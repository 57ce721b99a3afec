"""A tool is found, else obtained once, else its absence says what to do."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from devstack.tools import compiled, supply
from devstack.tools.catalogue import Source, Tool
from devstack.tools.compiled import NotCompiled
from devstack.tools.supply import ToolMissing

from .programs import program, spanner

NO_MODULE = Source("example.invalid/spanner", ".")


@pytest.fixture(autouse=True)
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the shell on PATH, and an empty cache."""
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def known(monkeypatch: pytest.MonkeyPatch, tool: Tool) -> None:
    """Make this the only tool there is."""
    tools: Mapping[str, Tool] = {tool.name: tool}
    monkeypatch.setattr(supply, "TOOLS", tools)


def test_missing_tool_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, spanner())
    with pytest.raises(ToolMissing, match=r"spanner 3\.2\.1 is not here\. Run `make tools`"):
        supply.find("spanner")


def test_tool_that_cannot_be_had_says_both_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, spanner(source=NO_MODULE))
    with pytest.raises(ToolMissing, match=r"127\.0\.0\.1:9.*go is not installed.*on PATH"):
        supply.obtain("spanner")


def test_tool_without_a_source_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, spanner())
    with pytest.raises(ToolMissing, match="cannot be made from a module"):
        supply.obtain("spanner")


def test_failed_compilation_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, spanner(source=NO_MODULE))
    folder = tmp_path / "bin"
    program(folder, "go", "go: module example.invalid/spanner: no such host", code=1)
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), os.defpath]))
    with pytest.raises(ToolMissing, match=r"go mod download: .*no such host"):
        supply.obtain("spanner")
    left = (tmp_path / "cache/taskchat/tools/spanner-3.2.1").iterdir()
    assert [path.name for path in left] == ["lock"]


def test_go_that_is_missing_is_named() -> None:
    with pytest.raises(NotCompiled, match="go is not installed"):
        compiled.download_module("example.invalid/spanner", "3.2.1")


def test_made_once_and_then_found(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, spanner())
    made = []

    def make(tool: Tool, _home: Path, target: Path, _unreachable: str) -> None:
        made.append(tool.name)
        program(target.parent, target.name, "v3.2.1")

    monkeypatch.setattr(supply, "make", make)
    first = supply.obtain("spanner")
    assert supply.obtain("spanner") == first
    assert supply.find("spanner") == first["spanner"]
    assert made == ["spanner"]


def test_environment_calls_the_right_one_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the right spanner stands an old hammer: the right hammer is elsewhere."""
    hammer = spanner(name="hammer", program="hammer")
    monkeypatch.setattr(supply, "TOOLS", {"spanner": spanner(), "hammer": hammer})
    first, second = tmp_path / "first", tmp_path / "second"
    program(first, "spanner", "v3.0.1")
    program(first, "hammer", "v2.0.0")
    program(second, "hammer", "v3.0.2")
    monkeypatch.setenv("PATH", os.pathsep.join([str(first), str(second), os.defpath]))
    environment = supply.environment("spanner", "hammer")
    for name, says in (("spanner", "v3.0.1"), ("hammer", "v3.0.2")):
        done = subprocess.run(
            ["sh", "-c", name], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == says
    assert supply.environment("spanner", "hammer") == environment
