"""A golden file shows what a switch changes, the same each time, and no secret."""

from pathlib import Path

import pytest
from devstack.chart.golden import golden, readable, switches, values_of
from devstack.chart.rendering import Refused, manifests, render

SECRET = """
---
# Source: chart/templates/secret.yaml
apiVersion: v1
kind: Secret
metadata:
  name: database
  labels:
    app: database
data:
  password: aHVudGVyMg==
  userlist.txt: aHVudGVyMg==
type: Opaque
"""
DEPLOYMENT = """
---
# Source: chart/templates/deployment.yaml
kind: Deployment
metadata:
  name: services
  annotations:
    checksum/config: 0123
    checksum/secret: 4567
"""
DASHBOARD = """
---
# Source: chart/templates/dashboards.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: dashboard
data:
  a.json: |
    {
     "title": "{{tool}}"
    }
"""


def test_empty_documents_are_no_objects() -> None:
    rendered = f"---\n# Source: chart/templates/off.yaml\n{SECRET}---\n"
    assert [found.identity for found in manifests(rendered)] == ["Secret/database"]


def test_secret_values_are_hidden_and_nothing_else() -> None:
    (secret,) = manifests(SECRET)
    text = readable(secret)
    assert "aHVudGVyMg==" not in text
    assert '  password: "(random)"' in text
    assert '  userlist.txt: "(random)"' in text
    assert "  name: database" in text
    assert "type: Opaque" in text


def test_checksum_of_a_random_secret_is_hidden() -> None:
    (deployment,) = manifests(DEPLOYMENT)
    text = readable(deployment)
    assert "checksum/secret: (random)" in text
    assert "checksum/config: 0123" in text


def test_dashboard_is_named_and_not_repeated() -> None:
    (config,) = manifests(DASHBOARD)
    assert readable(config).endswith("data:\n  a.json: (of files/dashboards)\n")


def test_only_what_differs_is_shown() -> None:
    base = {"Service/a": "a\n", "Service/b": "b\n", "Service/c": "c\n"}
    mine = {"Service/a": "a\n", "Service/b": "other\n", "Service/d": "d\n"}
    assert golden(mine, base) == "# not there: Service/c\n---\nother\n---\nd\n"


def test_base_is_shown_whole() -> None:
    assert golden({"Service/a": "a\n"}, None) == "---\na\n"


def test_each_pair_is_laid_over_the_base_once(tmp_path: Path) -> None:
    folder = tmp_path / "charts/taskchat/golden"
    folder.mkdir(parents=True)
    for name in ("keda", "base"):
        (folder / f"{name}.values.yaml").touch()
    assert switches(tmp_path) == ["base", "keda"]
    assert [path.name for path in values_of(tmp_path, "base")] == ["base.values.yaml"]
    assert [path.name for path in values_of(tmp_path, "keda")] == [
        "base.values.yaml",
        "keda.values.yaml",
    ]


def test_what_helm_says_is_passed_on(tmp_path: Path) -> None:
    helm = tmp_path / "helm"
    helm.write_text("#!/bin/sh\necho 'Error: no chart here' >&2\nexit 1\n")
    helm.chmod(0o755)
    with pytest.raises(Refused, match="Error: no chart here"):
        render(helm, tmp_path)
