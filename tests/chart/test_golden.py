"""The committed manifests of each switch are those that the chart makes now."""

import re
from pathlib import Path

import pytest
import yaml
from devstack.chart.golden import (
    BASE,
    FOLDER,
    MANIFESTS,
    golden,
    objects,
    switches,
    values_of,
)
from devstack.chart.rendering import CHART

from tests.equipment.documents import ROOT

from .value_paths import leaves

SWITCH = re.compile(r"(^|\.)(enabled|keep|scrapeAnnotations|rateLimitEnabled|mode)$")
SAME_IN_EVERY_COMPONENT = ("podDisruptionBudget", "autoscaling")


@pytest.fixture(scope="module")
def base(helm: Path) -> dict[str, str]:
    """Objects of the smallest installation."""
    return objects(helm, ROOT, BASE)


@pytest.mark.parametrize("switch", switches(ROOT))
def test_manifests_are_what_the_chart_makes(helm: Path, base: dict[str, str], switch: str) -> None:
    now = golden(base, None) if switch == BASE else golden(objects(helm, ROOT, switch), base)
    committed = (ROOT / FOLDER / f"{switch}{MANIFESTS}").read_text()
    assert committed == now, "run make generate, and look at what changed"
    assert committed, "the switch changes nothing"


def test_each_manifest_file_has_its_values() -> None:
    files = {path.name.removesuffix(MANIFESTS) for path in (ROOT / FOLDER).glob(f"*{MANIFESTS}")}
    assert files == set(switches(ROOT))


def test_no_secret_is_shown() -> None:
    for path in (ROOT / FOLDER).glob(f"*{MANIFESTS}"):
        for manifest in yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader):
            if manifest and manifest["kind"] == "Secret":
                assert set(manifest["data"].values()) == {"(random)"}


def test_each_switch_has_a_pair() -> None:
    """Every value that turns something on or off is the other way round in some pair."""
    defaults = leaves(yaml.safe_load((ROOT / CHART / "values.yaml").read_text()))
    wanted = {path for path in defaults if SWITCH.search(path)}
    turned = set()
    for switch in switches(ROOT):
        if switch != BASE:
            mine = leaves(yaml.safe_load(values_of(ROOT, switch)[-1].read_text()))
            turned |= {path for path, value in mine.items() if value != defaults.get(path)}
    assert wanted - turned == {
        *("auth.autoscaling.mode", "web.autoscaling.mode", "geminiSimulator.latency.mode")
    }, "sign-ins and visits have no turns, and the simulator's latency is no manifest but a setting"
