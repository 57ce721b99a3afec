"""The collector's configuration is one that the collector takes, in every environment."""

from pathlib import Path

import pytest
import yaml
from devstack.cluster.addons import PLATFORM, read_addon

from tests.equipment.documents import ROOT
from tests.otel.collector import FOLDER, configuration, environments, validated, values

each_environment = pytest.mark.parametrize("environment", environments())


def test_there_are_two_environments() -> None:
    assert environments() == ["development", "production"]


@each_environment
@pytest.mark.usefixtures("engine")
def test_collector_takes_the_configuration(environment: str, tmp_path: Path) -> None:
    code, said = validated(configuration(environment), tmp_path)
    assert code == 0, said


@pytest.mark.usefixtures("engine")
def test_collector_refuses_a_misspelt_setting(tmp_path: Path) -> None:
    wrong = configuration("production")
    wrong["processors"]["tail_sampling"]["decision_wat"] = "1s"
    code, said = validated(wrong, tmp_path)
    assert code != 0
    assert "decision_wat" in said


@each_environment
def test_every_span_is_redacted_before_anybody_counts_or_keeps_it(environment: str) -> None:
    pipelines = configuration(environment)["service"]["pipelines"]
    first = pipelines["traces"]
    assert first["receivers"] == ["otlp"]
    assert first["processors"][0] == "memory_limiter"
    assert {"redaction", "redaction/contents"} <= set(first["processors"])
    others = [name for name in pipelines if name.startswith("traces/")]
    assert all(
        receiver in first["exporters"]
        for name in others
        for receiver in pipelines[name]["receivers"]
    )


def test_decision_is_made_after_a_turn_has_ended() -> None:
    chart = yaml.safe_load((ROOT / "charts/taskchat/values.yaml").read_text())
    wait = configuration("production")["processors"]["tail_sampling"]["decision_wait"]
    assert int(wait.removesuffix("s")) > chart["turnDeadlineSeconds"]


@each_environment
def test_ports_of_the_service_are_those_that_are_listened_on(environment: str) -> None:
    ports = values(environment)["ports"]
    exporters = configuration(environment)["exporters"]
    listened = exporters["prometheus"]["endpoint"].rpartition(":")[2]
    assert str(ports["span-metrics"]["containerPort"]) == listened


def test_make_cluster_installs_the_development_collector() -> None:
    addon = read_addon(ROOT / PLATFORM / "otel-collector")
    files = [path.resolve() for path in addon.values]
    assert files == [FOLDER / "values.yaml", FOLDER / "values-development.yaml"]
