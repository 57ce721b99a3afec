"""The committed dashboards, as JSON, and what is in them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from otel.dashboards.files import PLAIN
from tests.equipment.documents import ROOT

FOLDER = ROOT / PLAIN
CHOSEN: Mapping[str, str] = {"namespace": ".*", "version": ".*"}
"""What the variables of a dashboard are when it is opened."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An expression and where it stands. Attributes: place: "dashboard, panel"."""

    place: str
    expression: str

    def concrete(self, window: str, whole: str) -> str:
        """As Grafana sends it. Args: window, whole: for `$__rate_interval` and `$__range`."""
        text = self.expression.replace("$__rate_interval", window).replace("$__range", whole)
        for name, value in CHOSEN.items():
            text = text.replace(f"${name}", value)
        return text


def paths() -> list[Path]:
    """The files of all dashboards."""
    return sorted(FOLDER.glob("*.json"))


def dashboards() -> list[dict[str, Any]]:
    """All dashboards, as Grafana reads them."""
    return [json.loads(path.read_text()) for path in paths()]


def panels(board: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The panels of a dashboard, without the headings."""
    for panel in board["panels"]:
        if panel["type"] != "row":
            yield panel


def asked() -> list[Asked]:
    """Every expression of every dashboard, of annotations too."""
    found = []
    for board in dashboards():
        for panel in panels(board):
            place = f"{board['uid']}, {panel['title']}"
            found += [Asked(place, target["expr"]) for target in panel["targets"]]
        for marks in board["annotations"]["list"]:
            found.append(Asked(f"{board['uid']}, annotation {marks['name']}", marks["expr"]))
    return found
