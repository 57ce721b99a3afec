"""What skaffold tells the chart in production names the images that it has pushed."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from devstack.chart.rendering import CHART, manifests, render

from tests.equipment.documents import ROOT

TAG = "git-1234567"
TEMPLATE = re.compile(r"\{\{\.IMAGE_(DOMAIN|REPO_NO_DOMAIN|TAG)_(\w+)\}\}")


def test_production_runs_the_images_that_were_pushed(helm: Path) -> None:
    profile = production()
    pushed = {
        f"registry.example.org:5000/team/{artifact['image']}:{TAG}"
        for artifact in profile["build"]["artifacts"]
    }
    (release,) = profile["deploy"]["helm"]["releases"]
    told = {path: filled(text) for path, text in release["setValueTemplates"].items()}
    settings = [word for path, value in told.items() for word in ("--set", f"{path}={value}")]
    rendered = render(helm, ROOT, [ROOT / CHART / "values-prod.yaml"], settings)
    assert {image for one in manifests(rendered) for image in images(one.content)} == pushed


def test_tag_of_a_commit_is_no_number() -> None:
    """Helm reads `--set tag=1234567` as one, and the schema refuses it."""
    assert re.match("[a-z]", production()["build"]["tagPolicy"]["gitCommit"]["prefix"])


def test_helm_waits_longer_than_a_migration_may_take() -> None:
    flags = production()["deploy"]["helm"]["flags"]
    values = yaml.safe_load((ROOT / CHART / "values-prod.yaml").read_text())
    for command in ("install", "upgrade"):
        (minutes,) = (int(flag[10:-1]) for flag in flags[command] if flag.startswith("--timeout="))
        assert 60 * minutes > values["migrations"]["deadlineSeconds"]


def production() -> dict[str, Any]:
    """The profile `prod`."""
    profiles = yaml.safe_load((ROOT / "skaffold.yaml").read_text())["profiles"]
    (found,) = [profile for profile in profiles if profile["name"] == "prod"]
    return dict(found)


def filled(template: str) -> str:
    """A value as skaffold gives it under `--default-repo registry.example.org:5000/team`."""

    def part(match: re.Match[str]) -> str:
        kind, image = match.groups()
        repository = f"team/{image.replace('_', '/', 1).replace('_', '-')}"
        return {"DOMAIN": "registry.example.org:5000", "TAG": TAG}.get(kind, repository)

    value, replaced = TEMPLATE.subn(part, template)
    if not replaced:
        pytest.fail(f"{template} is nothing that this test knows")
    return value


def images(node: Any) -> Iterator[str]:
    """The images of all containers of an object."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "image" and isinstance(value, str):
                yield value
            yield from images(value)
    elif isinstance(node, list):
        for value in node:
            yield from images(value)
