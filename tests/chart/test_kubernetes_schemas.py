"""What is rendered is what each supported Kubernetes, and each operator, takes: nothing unknown."""

import json
from pathlib import Path

import pytest
from devstack.chart import golden, schemas
from devstack.chart.rendering import CHART, render
from devstack.chart.schema_sources import KUBERNETES

from tests.equipment.documents import ROOT

from .conftest import run
from .installations import INSTALLATIONS, name

BUILT_IN = "{{.NormalizedKubernetesVersion}}/{{.ResourceKind}}{{.KindSuffix}}.json"
CUSTOM = "custom/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
LOCATIONS = [
    word
    for location in (BUILT_IN, CUSTOM)
    for word in ("-schema-location", f"{schemas.FOLDER}/{location}")
]
GOLDEN = sorted((ROOT / golden.FOLDER).glob(f"*{golden.MANIFESTS}"))


def conforms(kubeconform: Path, version: str, *files: Path) -> tuple[int, str]:
    """How kubeconform likes manifests; a kind without a schema is an error."""
    arguments = ("-strict", "-summary", "-kubernetes-version", version, *LOCATIONS)
    return run(kubeconform, *arguments, *map(str, files))


@pytest.fixture(scope="module")
def rendered(helm: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What each installation makes; the chart asks no cluster for its version."""
    folder = tmp_path_factory.mktemp("rendered")
    files = [folder / f"{name(values)}.yaml" for values in INSTALLATIONS]
    for values, file in zip(INSTALLATIONS, files, strict=True):
        file.write_text(render(helm, ROOT, [values]))
    return files


@pytest.mark.parametrize("version", KUBERNETES)
def test_installations_and_golden_manifests_conform(
    kubeconform: Path, rendered: list[Path], version: str
) -> None:
    """All in one call: most of its time goes into reading the schemas."""
    code, said = conforms(kubeconform, version, *rendered, *GOLDEN)
    assert code == 0, said
    assert f"in {len(rendered) + len(GOLDEN)} files" in said
    assert "Skipped: 0" in said


def test_chart_asks_for_no_version() -> None:
    """Otherwise each version would have to be rendered for itself."""
    templates = (ROOT / CHART / "templates").rglob("*.*")
    assert [path.name for path in templates if ".Capabilities" in path.read_text()] == []


BROKEN = {
    "misspelt field": ("containerPort:", "containerPrt:", "containerPrt"),
    "wrong type": ("periodSeconds: 2\n", 'periodSeconds: "2"\n', "periodSeconds"),
    "kind that is not served": ("autoscaling/v2", "autoscaling/v2beta2", "could not find schema"),
    "unknown field of a custom kind": ("gatewayClassName:", "gatewayClas:", "gatewayClas"),
    "value outside of an enumeration": ("from: Same", "from: Sme", "allowedRoutes/namespaces/from"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_found(
    kubeconform: Path, tmp_path: Path, broken: tuple[str, str, str]
) -> None:
    right, wrong, named = broken
    good = (ROOT / golden.FOLDER / f"{golden.BASE}{golden.MANIFESTS}").read_text()
    assert right in good
    bad = tmp_path / "bad.yaml"
    bad.write_text(good.replace(right, wrong))
    code, said = conforms(kubeconform, KUBERNETES[0], bad)
    assert code != 0
    assert named in said


def test_schemas_are_made_from_what_is_wanted() -> None:
    folder = ROOT / schemas.FOLDER
    assert schemas.recorded_sources(folder) == schemas.wanted_sources(), "run make generate"
    checksums = [
        source["checksum"] for source in json.loads((folder / schemas.SOURCES).read_text())
    ]
    assert all(checksum.startswith("h1:") for checksum in checksums)
