"""Each value is documented and in the schema, the schema knows no other, and README is current."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from devstack.chart.readme import README, readme
from devstack.chart.rendering import render

from tests.equipment.documents import ROOT

from .installations import FOLDER

SCHEMA = json.loads((FOLDER / "values.schema.json").read_text())
VALUES = FOLDER / "values.yaml"
NOT_IN_VALUES = {"global"}
"""Helm gives every chart this one."""


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema, or the one that it refers to."""
    while "$ref" in schema:
        target: Any = SCHEMA
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    return schema


def pairs(
    values: dict[str, Any], schema: dict[str, Any], path: str = ""
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every map of values that has declared keys, with its schema."""
    schema = resolved(schema)
    if "properties" not in schema:
        return
    yield path, values, schema
    for key, child in values.items():
        if isinstance(child, dict) and key in schema["properties"]:
            yield from pairs(child, schema["properties"][key], f"{path}.{key}".lstrip("."))


MAPS = list(pairs(yaml.safe_load(VALUES.read_text()), SCHEMA))
OPTIONAL = {
    "initialDelaySeconds": "a probe begins at once, after the startup probe",
    "ephemeral-storage": "a request that few clusters count",
    "limits": "of the components that have none by default",
    "cpu": "of limits: a person's own choice",
    "tolerance": "of an HPA: alpha in Kubernetes 1.33",
    "nodeAffinity": "a part of affinity",
    "podAffinity": "a part of affinity",
    "podAntiAffinity": "a part of affinity",
    "auth.autoscaling.turnsInFlightPerPod": "sign-ins are no turns; its mode keda is refused",
    "web.autoscaling.turnsInFlightPerPod": "visits are none either",
    "migrations.scheduling.topologySpread": "of one pod at a time",
    "geminiSimulator.scheduling.topologySpread": "of one pod",
}
"""Keys that the schema takes and values.yaml leaves out, and why they have no default there."""


@pytest.mark.parametrize(("path", "values", "schema"), MAPS, ids=[path or "." for path, *_ in MAPS])
def test_schema_and_values_have_the_same_keys(
    path: str, values: dict[str, Any], schema: dict[str, Any]
) -> None:
    assert schema["additionalProperties"] is False, "an unknown key would pass"
    assert values.keys() <= schema["properties"].keys()
    missing = schema["properties"].keys() - values.keys() - NOT_IN_VALUES
    unexplained = [key for key in missing if not {key, f"{path}.{key}"} & OPTIONAL.keys()]
    assert unexplained == [], "taken, and not documented"


def test_each_value_has_a_comment() -> None:
    """On its own line or, for a small map in one line, on the map's."""
    lines = VALUES.read_text().splitlines()
    undocumented = [
        f"{VALUES.name}:{number + 1}: {line.strip()}"
        for number, line in enumerate(lines)
        if is_setting(line, lines[number + 1 :])
        and not lines[number - 1].lstrip().startswith("#")
        and not documented_above(lines, number)
    ]
    assert not undocumented


def is_setting(line: str, following: list[str]) -> bool:
    """Whether a line sets a value, rather than opening a map of more of them."""
    found = re.match(r"( *)[\w-]+:( .+)?$", line)
    if found is None:
        return False
    return found[2] is not None or not following[0].startswith(found[1] + " ")


def documented_above(lines: list[str], number: int) -> bool:
    """Whether a map that this line is in has a comment of its own, which speaks for all of it."""
    depth = len(lines[number]) - len(lines[number].lstrip())
    for above in range(number - 1, 0, -1):
        line = lines[above]
        indent = len(line) - len(line.lstrip())
        if line.strip() and not line.lstrip().startswith("#") and indent < depth:
            if lines[above - 1].lstrip().startswith("# --"):
                return True
            depth = indent
    return False


def test_readme_is_what_the_values_say(helm_docs: Path) -> None:
    committed = (ROOT / README).read_text()
    assert committed == readme(helm_docs, ROOT), "run make generate"


def test_readme_has_a_row_for_each_comment() -> None:
    comments = [
        line.strip().removeprefix("# -- ")
        for line in VALUES.read_text().splitlines()
        if line.lstrip().startswith("# -- ")
    ]
    text = (ROOT / README).read_text()
    assert len(comments) > 150
    assert [comment for comment in comments if comment.replace("|", "\\|") not in text] == []


def test_example_of_the_readme_can_be_installed(helm: Path, tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```", (ROOT / README).read_text(), re.M | re.S)
    values = tmp_path / "my-values.yaml"
    values.write_text(example)
    assert render(helm, ROOT, [values])
