"""Which way Grafana is started, with which settings, and what is said where it cannot be."""

from pathlib import Path

import pytest
import yaml
from devstack.dashboards import grafana
from devstack.dashboards.grafana import IMAGE, NoGrafana, Sources, from_image, way
from devstack.stack import checkout

SOURCES = Sources("http://localhost:9090", "http://127.0.0.1:16686", "jaeger", "5s")
PORT = 3001
ROOT = checkout()


def program(folder: Path, name: str, script: str = "") -> Path:
    """An executable of a few words of shell."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def installed(folder: Path) -> Path:
    """A Grafana as its archive unpacks."""
    (folder / "conf").mkdir(parents=True)
    (folder / "conf" / "defaults.ini").touch()
    return program(folder / "bin", "grafana")


def only_on_path(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    monkeypatch.setenv("PATH", ":".join(map(str, folders)))


def test_nothing_at_all_is_told_with_what_to_do_instead(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    only_on_path(monkeypatch, tmp_path)
    with pytest.raises(NoGrafana) as told:
        way(ROOT, tmp_path, SOURCES, PORT)
    assert "no `grafana` on PATH, and no docker engine answers" in str(told.value)
    assert "otel/dashboards/*.json" in str(told.value)
    assert "telemetry.dashboards.enabled" in str(told.value)


def test_engine_that_does_not_answer_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path, "docker", "exit 1")
    only_on_path(monkeypatch, tmp_path, Path("/usr/bin"), Path("/bin"))
    with pytest.raises(NoGrafana, match="no docker engine answers"):
        way(ROOT, tmp_path, SOURCES, PORT)


def test_image_that_cannot_be_pulled_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path, "docker", "[ $1 = version ]")
    only_on_path(monkeypatch, tmp_path, Path("/usr/bin"), Path("/bin"))
    with pytest.raises(NoGrafana, match=IMAGE):
        way(ROOT, tmp_path, SOURCES, PORT)


def test_installed_one_without_its_own_files_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path / "bin", "grafana")
    only_on_path(monkeypatch, tmp_path / "bin")
    with pytest.raises(NoGrafana, match=r"no conf/defaults\.ini"):
        way(ROOT, tmp_path, SOURCES, PORT)


def test_installed_one_is_taken_before_the_image(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = installed(tmp_path / "grafana")
    program(found.parent, "docker")
    only_on_path(monkeypatch, found.parent)
    start = way(ROOT, tmp_path / "data", SOURCES, PORT)
    assert start.argv == (str(found), "server", "--homepath", str(tmp_path / "grafana"))
    assert start.variables["GF_SERVER_HTTP_PORT"] == "3001"
    assert start.variables["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
    assert start.variables["GF_PATHS_DATA"] == str(tmp_path / "data")
    assert start.variables["PROMETHEUS_URL"] == "http://localhost:9090"
    assert Path(start.variables["DASHBOARDS_FOLDER"], "taskchat-promise.json").is_file()


def test_image_is_taken_where_docker_has_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path, "docker")
    only_on_path(monkeypatch, tmp_path, Path("/bin"))
    start = way(ROOT, tmp_path, SOURCES, PORT)
    assert start.argv[:2] == ("docker", "run")
    assert start.argv[-1] == IMAGE
    assert not IMAGE.endswith(("latest", "/grafana")), "a version"


def test_container_on_linux_reaches_what_is_forwarded_to_this_machine() -> None:
    argv = from_image(ROOT, SOURCES, PORT, "linux").argv
    assert "--network=host" in argv
    assert "--env=PROMETHEUS_URL=http://localhost:9090" in argv
    assert "--env=GF_SERVER_HTTP_ADDR=127.0.0.1" in argv
    assert "--env=GF_SERVER_HTTP_PORT=3001" in argv


def test_container_elsewhere_reaches_this_machine_by_its_name() -> None:
    argv = from_image(ROOT, SOURCES, PORT, "darwin").argv
    assert "--publish=127.0.0.1:3001:3000" in argv
    assert "--env=PROMETHEUS_URL=http://host.docker.internal:9090" in argv
    assert "--env=TRACES_URL=http://host.docker.internal:16686" in argv
    assert "--env=GF_SERVER_HTTP_PORT=3000" in argv


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_container_sees_the_dashboards_and_cannot_change_them(platform: str) -> None:
    argv = from_image(ROOT, SOURCES, PORT, platform).argv
    (volume,) = [word for word in argv if word.startswith("--volume=")]
    assert volume == f"--volume={ROOT}/otel/dashboards:/etc/taskchat/dashboards:ro"
    assert "--env=GF_PATHS_PROVISIONING=/etc/taskchat/dashboards/provisioning" in argv


def test_every_variable_of_the_provisioning_files_is_set(tmp_path: Path) -> None:
    folder = ROOT / grafana.PROVISIONING
    texts = [path.read_text() for path in sorted(folder.rglob("*.yaml"))]
    assert len(texts) == 2
    asked = {
        value.removeprefix("$")
        for text in texts
        for value in leaves(yaml.safe_load(text))
        if value.startswith("$")
    }
    start = from_image(ROOT, SOURCES, PORT, "linux")
    given = {word.removeprefix("--env=").partition("=")[0] for word in start.argv}
    assert asked
    assert asked <= given


def test_exemplars_lead_to_the_traces() -> None:
    path = ROOT / grafana.PROVISIONING / "datasources" / "taskchat.yaml"
    by_uid = {one["uid"]: one for one in yaml.safe_load(path.read_text())["datasources"]}
    (link,) = by_uid["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]
    assert link["name"] == "trace_id"
    assert link["datasourceUid"] in by_uid


def leaves(node: object) -> list[str]:
    """Every text of a document."""
    if isinstance(node, dict):
        return [text for child in node.values() for text in leaves(child)]
    if isinstance(node, list):
        return [text for child in node for text in leaves(child)]
    return [node] if isinstance(node, str) else []
