"""checkov finds nothing in the rendered manifests but what scan_exceptions.yaml gives a reason for.

checkov, because it comes from PyPI, as all that this checkout needs (ADR 0014).
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from devstack.chart.rendering import render

from tests.equipment.documents import ROOT

from .conftest import run
from .installations import INSTALLATIONS, name

EXCEPTIONS = yaml.safe_load(Path(__file__).with_name("scan_exceptions.yaml").read_text())
SCANNED = [path for path in INSTALLATIONS if name(path) not in {"minimal", "names"}]
"""The others show no object that these do not, and each takes seconds."""
BAD = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: bad
spec:
  selector:
    matchLabels: {app: bad}
  template:
    metadata:
      labels: {app: bad}
    spec:
      hostNetwork: true
      containers:
        - name: bad
          image: bad:latest
          securityContext:
            privileged: true
            capabilities: {add: [SYS_ADMIN]}
          volumeMounts:
            - {name: docker, mountPath: /var/run/docker.sock}
      volumes:
        - name: docker
          hostPath: {path: /var/run/docker.sock}
"""


@dataclass(frozen=True)
class Finding:
    """A check that an object does not pass. Attributes: subject: "Kind/name"."""

    file: str
    check: str
    title: str
    subject: str

    def is_excepted_by(self, exception: dict[str, str]) -> bool:
        """Whether an exception speaks of this."""
        return exception["check"] == self.check and bool(
            re.fullmatch(exception["objects"], self.subject)
        )


@pytest.fixture(scope="module")
def findings(helm: Path, checkov: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What checkov says of the installations, and of a manifest that is bad."""
    folder = tmp_path_factory.mktemp("scan")
    for values in SCANNED:
        (folder / f"{name(values)}.yaml").write_text(render(helm, ROOT, [values]))
    (folder / "bad.yaml").write_text(BAD)
    arguments = ("-d", str(folder), "--framework", "kubernetes", "--skip-download", "--compact")
    _, said = run(checkov, *arguments, "--quiet", "-o", "json")
    report = json.loads(said[said.index("{") :])
    assert report["summary"]["parsing_errors"] == 0
    return [
        Finding(
            Path(failed["file_path"]).stem,
            failed["check_id"],
            failed["check_name"],
            "{0}/{2}".format(*failed["resource"].split(".", 2)),
        )
        for failed in report["results"]["failed_checks"]
    ]


@pytest.mark.timeout(300)  # checkov needs 10 s of CPU, of which a busy machine gives little
def test_a_bad_manifest_is_found(findings: list[Finding]) -> None:
    open_ = [
        found.check
        for found in findings
        if found.file == "bad" and not any(map(found.is_excepted_by, EXCEPTIONS))
    ]
    # privileged, host network, docker.sock, escalation, capability, latest, root, no limits.
    assert {
        *("CKV_K8S_16", "CKV_K8S_19", "CKV_K8S_27", "CKV_K8S_20", "CKV_K8S_39"),
        *("CKV_K8S_14", "CKV_K8S_23", "CKV_K8S_13"),
    } <= set(open_)


def test_nothing_is_found_without_a_reason(findings: list[Finding]) -> None:
    open_ = [
        found
        for found in findings
        if found.file != "bad" and not any(map(found.is_excepted_by, EXCEPTIONS))
    ]
    assert open_ == []


def test_each_exception_is_needed_and_has_a_reason(findings: list[Finding]) -> None:
    ours = [found for found in findings if found.file != "bad"]
    for exception in EXCEPTIONS:
        assert exception.keys() == {"check", "objects", "reason"}
        assert len(exception["reason"]) > 20
        assert any(found.is_excepted_by(exception) for found in ours), exception
