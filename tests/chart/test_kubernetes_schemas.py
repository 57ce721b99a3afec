"""What is rendered is what each supported Kubernetes, and each operator, takes: nothing unknown."""

import json
from pathlib import Path

import pytest
from devstack.chart import golden, schemas
from devstack.chart.rendering import render
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


def conforms(kubeconform: Path, version: str, manifests: str) -> tuple[int, str]:
    """How kubeconform likes manifests; a kind without a schema is an error."""
    arguments = ("-strict", "-summary", "-kubernetes-version", version, *LOCATIONS)
    return run(kubeconform, *arguments, given=manifests)


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("values", INSTALLATIONS, ids=name)
def test_installation_conforms(helm: Path, kubeconform: Path, values: Path, version: str) -> None:
    rendered = render(helm, ROOT, [values], kubernetes=version)
    code, said = conforms(kubeconform, version, rendered)
    assert code == 0, said
    assert "Skipped: 0" in said


@pytest.mark.parametrize("version", KUBERNETES)
def test_golden_manifests_conform(kubeconform: Path, version: str) -> None:
    for path in GOLDEN:
        code, said = conforms(kubeconform, version, path.read_text())
        assert code == 0, f"{path.name}: {said}"


BROKEN = {
    "misspelt field": ("containerPort:", "containerPrt:", "containerPrt"),
    "wrong type": ("periodSeconds: 2\n", 'periodSeconds: "2"\n', "periodSeconds"),
    "kind that is not served": ("autoscaling/v2", "autoscaling/v2beta2", "could not find schema"),
    "unknown field of a custom kind": ("gatewayClassName:", "gatewayClas:", "gatewayClas"),
    "value outside of an enumeration": ("from: Same", "from: Sme", "allowedRoutes/namespaces/from"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_found(kubeconform: Path, broken: tuple[str, str, str]) -> None:
    right, wrong, named = broken
    manifests = (ROOT / golden.FOLDER / f"{golden.BASE}{golden.MANIFESTS}").read_text()
    assert right in manifests
    code, said = conforms(kubeconform, KUBERNETES[0], manifests.replace(right, wrong))
    assert code != 0
    assert named in said


def test_schemas_are_made_from_what_is_wanted() -> None:
    folder = ROOT / schemas.FOLDER
    assert schemas.recorded_sources(folder) == schemas.wanted_sources(), "run make generate"
    checksums = [
        source["checksum"] for source in json.loads((folder / schemas.SOURCES).read_text())
    ]
    assert all(checksum.startswith("h1:") for checksum in checksums)
