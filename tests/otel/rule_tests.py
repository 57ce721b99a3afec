"""The rules' own tests, as promtool reads them: which alerts they show firing, and which not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from otel.rules.rule import Alert
from tests.equipment import programs
from tests.equipment.documents import ROOT
from tests.otel.promtool import promtool

RULES: Final = ROOT / "otel" / "rules"
FILES: Final = sorted(RULES.glob("tests/*.test.yaml"))
SECONDS: Final = 110
_ALERTS = re.compile(r"^ALERTS\{(.*)\}$")
_PAIR = re.compile(r'(\w+)="([^"]*)"')

Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one test expects of an alert. Attributes: labels: of each series that fires."""

    file: str
    alert: str
    firing: tuple[Labels, ...]


def run(files: list[Path], folder: Path = RULES) -> tuple[int, str]:
    """`promtool test rules`: exit code, and all that it says. Args: folder: that holds them."""
    argv = list(promtool())
    if argv[0] == "docker":
        argv[2:2] = [f"--volume={folder}:{folder}:ro"]
    return programs.run([*argv, "test", "rules", *map(str, files)], limit_seconds=SECONDS)


def shown() -> Iterator[Shown]:
    """Everything that the tests expect of alerts."""
    for file in FILES:
        for test in yaml.safe_load(file.read_text())["tests"]:
            for one in test.get("alert_rule_test", []):
                firing = tuple(_labels(expected["exp_labels"]) for expected in one["exp_alerts"])
                yield Shown(file.name, one["alertname"], firing)
            for one in test.get("promql_expr_test", []):
                yield from _asked(file.name, one)


def fires(alert: Alert, seen: Shown) -> bool:
    """Whether a test shows this rule firing: its labels are among those of a series."""
    mine = _labels({"severity": alert.severity, **alert.labels})
    return any(mine <= labels for labels in seen.firing)


def _asked(file: str, test: dict[str, Any]) -> Iterator[Shown]:
    asked = _ALERTS.match(test["expr"])
    assert asked is not None, f"{file} asks for something else than alerts"
    labels = [dict(_PAIR.findall(sample["labels"])) for sample in test["exp_samples"]]
    yield Shown(file, dict(_PAIR.findall(asked[1]))["alertname"], tuple(map(_labels, labels)))


def _labels(labels: dict[str, str]) -> Labels:
    return frozenset(labels.items())
