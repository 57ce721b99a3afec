"""What k8s/platform says."""

import json
import re

import pytest
import yaml
from devstack.cluster.addons import ORDER, PLATFORM, Addon, Need, read_addon, read_addons
from devstack.cluster.needs import RESOURCES
from devstack.stack import checkout

ADDONS = read_addons(checkout())
each_addon = pytest.mark.parametrize("addon", ADDONS, ids=lambda addon: addon.name)


def test_every_folder_is_installed() -> None:
    folders = {path.name for path in (checkout() / PLATFORM).iterdir() if path.is_dir()}
    assert folders == set(ORDER)


@each_addon
def test_version_is_pinned(addon: Addon) -> None:
    assert re.fullmatch(r"v?\d+\.\d+\.\d+", addon.version)


@each_addon
def test_values_are_for_this_chart(addon: Addon) -> None:
    assert addon.values
    assert all(isinstance(yaml.safe_load(path.read_text()), dict) for path in addon.values)
    words = [word for path in addon.values for word in ("--values", str(path))]
    assert addon.chart_arguments()[-len(words) :] == words


@each_addon
def test_needs_can_be_looked_up(addon: Addon) -> None:
    assert addon.needs
    assert {need.kind for need in (*addon.needs, *addon.additions())} <= set(RESOURCES)


def test_chart_of_a_registry_is_named_by_its_address() -> None:
    gateway = read_addon(checkout() / PLATFORM / "envoy-gateway")
    assert gateway.chart_arguments()[0] == "oci://docker.io/envoyproxy/gateway-helm"
    assert gateway.additions() == (Need("GatewayClass", "eg"),)


def test_chart_of_a_repository_is_named_with_it() -> None:
    keda = read_addon(checkout() / PLATFORM / "keda")
    assert keda.chart_arguments()[:3] == ["keda", "--repo", "https://kedacore.github.io/charts"]


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("envoy-gateway", "github.com/envoyproxy/gateway"),
        ("keda", "github.com/kedacore/keda/v2"),
    ],
)
def test_chart_is_checked_against_the_kinds_of_the_version_that_is_installed(
    name: str, module: str
) -> None:
    sources = json.loads((checkout() / "tests/chart/schemas/sources.json").read_text())
    (version,) = [one["version"] for one in sources if one["module"] == module]
    assert read_addon(checkout() / PLATFORM / name).version.removeprefix("v") == version


@each_addon
def test_readme_names_the_version(addon: Addon) -> None:
    readme = (checkout() / "k8s" / "README.md").read_text()
    assert f"| [{addon.name}](platform/{addon.name}) | {addon.chart} {addon.version} |" in readme
