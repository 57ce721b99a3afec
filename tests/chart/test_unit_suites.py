"""The suites of helm-unittest pass, and none of the chart's switches goes without one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from devstack.chart.rendering import CHART

from .conftest import run
from .installations import FOLDER
from .value_paths import leaves

SUITES = [
    suite
    for path in sorted(FOLDER.glob("tests/*_test.yaml"))
    for suite in yaml.safe_load_all(path.read_text())
]
SWITCH = re.compile(r"(^|\.)enabled$")


@pytest.mark.timeout(300)  # 5 s of CPU, of which a busy machine gives little
def test_suites_pass(helm_unittest: Path) -> None:
    code, said = run(helm_unittest, "--strict", str(CHART))
    assert code == 0, said
    suites = re.search(r"Test Suites:\s+(\d+) passed, (\d+) total", said)
    assert suites is not None, said
    assert suites[1] == suites[2] == str(len(SUITES))


def test_each_switch_is_turned_in_a_suite() -> None:
    defaults = leaves(yaml.safe_load((FOLDER / "values.yaml").read_text()))
    switches = {path for path in defaults if SWITCH.search(path)}
    turned = {
        path
        for suite in SUITES
        for settings in sets(suite)
        for path, value in leaves(settings).items()
        if path in switches and value != defaults[path]
    }
    assert switches - turned == set()


def sets(node: Any) -> Iterator[dict[str, Any]]:
    """Every `set` of a suite, whatever level it is on."""
    if isinstance(node, dict):
        if isinstance(node.get("set"), dict):
            yield node["set"]
        for child in node.values():
            yield from sets(child)
    elif isinstance(node, list):
        for child in node:
            yield from sets(child)
