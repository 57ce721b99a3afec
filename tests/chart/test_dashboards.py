"""The ConfigMaps of the dashboards hold what otel/dashboards made, and none is too large."""

import base64
import gzip
import json
from pathlib import Path

import pytest
import yaml
from devstack.chart.golden import BASE, values_of
from devstack.chart.rendering import CHART, manifests, render

from otel.dashboards.files import PLAIN
from tests.equipment.documents import ROOT

OBJECT_BYTES = 1024 * 1024
"""Of a ConfigMap, and of the Secret in which Helm keeps a release.

Source: Kubernetes, "ConfigMaps" and "Secrets": the data may not exceed 1 MiB.
"""
NOT_SHIPPED = {"tests", "golden", "ci"}
"""Folders that .helmignore leaves out."""
EVERYTHING = ROOT / CHART / "ci" / "every-operator-values.yaml"


@pytest.fixture(scope="module")
def rendered(helm: Path) -> str:
    """The largest release: everything on."""
    return render(helm, ROOT, [EVERYTHING])


def test_config_maps_hold_the_dashboards(helm: Path) -> None:
    switch = "telemetry.dashboards.enabled=true"
    found = {
        name: json.loads(text)
        for one in manifests(render(helm, ROOT, values_of(ROOT, BASE), ["--set", switch]))
        for name, text in one.content.get("data", {}).items()
        if one.content["kind"] == "ConfigMap" and name.endswith(".json")
    }
    made = {path.name: json.loads(path.read_text()) for path in (ROOT / PLAIN).glob("*.json")}
    assert found == made


def test_each_config_map_is_far_from_what_kubernetes_refuses(rendered: str) -> None:
    for one in manifests(rendered):
        if one.content["kind"] == "ConfigMap":
            assert len(yaml.safe_dump(one.content).encode()) < OBJECT_BYTES / 4, one.identity


def test_release_is_far_from_what_helm_can_store(rendered: str) -> None:
    """Helm stores chart and manifests as JSON, compressed and in base64."""
    paths = (path for path in (ROOT / CHART).rglob("*") if path.is_file())
    shipped = {
        str(path): base64.b64encode(path.read_bytes()).decode()
        for path in paths
        if path.relative_to(ROOT / CHART).parts[0] not in NOT_SHIPPED
    }
    stored = json.dumps({"chart": shipped, "manifest": rendered}).encode()
    assert len(base64.b64encode(gzip.compress(stored))) < OBJECT_BYTES / 2
