"""The configurations in which the chart is checked: each values file is a whole installation."""

from pathlib import Path

from devstack.chart.rendering import CHART

from tests.equipment.documents import ROOT

FOLDER = ROOT / CHART
EXAMPLES = [FOLDER / "values-dev.yaml", FOLDER / "values-prod.yaml"]
INSTALLATIONS = sorted(FOLDER.glob("ci/*-values.yaml")) + [
    path for path in EXAMPLES if path.exists()
]


def name(path: Path) -> str:
    """What a test calls a values file."""
    return path.stem.removesuffix("-values")
