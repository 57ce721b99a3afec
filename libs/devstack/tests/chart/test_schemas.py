"""Schemas are made anew exactly when other sources are wanted."""

import json
from pathlib import Path

import pytest
from devstack.chart import schemas
from devstack.chart.schema_sources import CustomKinds
from devstack.tools.compiled import Module, NotCompiled

DEFINITION = """
kind: CustomResourceDefinition
spec:
  group: example.com
  names: {kind: Route}
  versions:
    - name: v1
      served: true
      schema:
        openAPIV3Schema: {type: object, properties: {spec: {type: object}}}
"""


@pytest.fixture
def one_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A world with one module of one custom kind; answers what was downloaded."""
    module = tmp_path / "module"
    module.mkdir()
    (module / "routes.yaml").write_text(DEFINITION)
    wanted = (CustomKinds("example.com/routes", "1.0.0", ".", ("routes.yaml",)),)
    monkeypatch.setattr(schemas, "CUSTOM_KINDS", wanted)
    monkeypatch.setattr(schemas, "KUBERNETES", ())
    downloads: list[str] = []

    def download(name: str, version: str) -> Module:
        downloads.append(f"{name}@{version}")
        return Module(module, "h1:checksum")

    monkeypatch.setattr(schemas, "download_module", download)
    return downloads


def test_failed_download_leaves_what_is_there(
    tmp_path: Path, one_source: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / schemas.FOLDER / "custom/old.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}")

    def fail(name: str, version: str) -> Module:
        raise NotCompiled(f"go mod download: no such host for {name} {version}")

    monkeypatch.setattr(schemas, "download_module", fail)
    with pytest.raises(NotCompiled, match="no such host"):
        schemas.generate(tmp_path)
    assert old.exists()


def test_made_once(tmp_path: Path, one_source: list[str]) -> None:
    assert schemas.generate(tmp_path) is True
    assert schemas.generate(tmp_path) is False
    assert one_source == ["example.com/routes@1.0.0"]


def test_other_sources_replace_all_of_it(tmp_path: Path, one_source: list[str]) -> None:
    folder = tmp_path / schemas.FOLDER
    (folder / "custom").mkdir(parents=True)
    (folder / "custom/old.json").write_text("{}")
    (folder / schemas.SOURCES).write_text('[{"module": "example.com/routes", "version": "0.9.0"}]')
    assert schemas.generate(tmp_path) is True
    assert not (folder / "custom/old.json").exists()
    assert (folder / "custom/example.com/route_v1.json").exists()


def test_record_says_module_version_and_checksum(tmp_path: Path, one_source: list[str]) -> None:
    schemas.generate(tmp_path)
    (source,) = json.loads((tmp_path / schemas.FOLDER / schemas.SOURCES).read_text())
    assert source == {
        "module": "example.com/routes",
        "version": "1.0.0",
        "files": ["routes.yaml"],
        "checksum": "h1:checksum",
    }
