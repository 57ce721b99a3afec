"""`helm lint --strict`, by helm 3 and 4; and both make the same manifests."""

from pathlib import Path

import pytest
from devstack.chart.rendering import CHART, KUBERNETES

from .conftest import run
from .installations import INSTALLATIONS, name

GENERATED_SECRETS = {"development", "values-dev"}
"""Installations that are never rendered twice alike."""


@pytest.mark.parametrize("values", INSTALLATIONS, ids=name)
def test_installation_has_nothing_to_complain_about(each_helm: Path, values: Path) -> None:
    code, said = run(
        each_helm,
        *("lint", "--strict", str(CHART), "--kube-version", KUBERNETES, "--values", str(values)),
    )
    assert code == 0, said
    # A `fail` of a template is but an [INFO] to lint, and the chart passes.
    assert "Fail:" not in said, said
    assert "[WARNING]" not in said


def test_lint_sees_what_is_wrong(helm: Path) -> None:
    code, said = run(helm, "lint", "--strict", str(CHART), "--set", "logLevel=loud")
    assert code != 0
    assert "/logLevel" in said


def test_both_helms_render_the_same(helm: Path, helm4: Path) -> None:
    """Blank lines apart, of which each has its own."""
    for values in INSTALLATIONS:
        if name(values) in GENERATED_SECRETS:
            continue
        arguments = ("template", "taskchat", str(CHART), "--kube-version", KUBERNETES)
        texts = [run(program, *arguments, "--values", str(values)) for program in (helm, helm4)]
        three, four = ([line for line in text.splitlines() if line.strip()] for _, text in texts)
        assert three == four, values
