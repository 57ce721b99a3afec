"""The chart's README, from its template and the comments of values.yaml, by helm-docs."""

import subprocess
from pathlib import Path

from devstack.chart.rendering import CHART

README = CHART / "README.md"
SECONDS = 120


def readme(helm_docs: Path, root: Path) -> str:
    """What README.md should hold."""
    done = subprocess.run(
        [helm_docs, "--chart-search-root", CHART, "--sort-values-order", "file", "--dry-run"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    return done.stdout.strip() + "\n"


def generate(helm_docs: Path, root: Path) -> bool:
    """Write the README; return whether it changed."""
    path = root / README
    text = readme(helm_docs, root)
    if path.exists() and path.read_text() == text:
        return False
    path.write_text(text)
    return True
