"""`python -m otel.dashboards`: write the dashboards and the chart's copies of them."""

import sys
from pathlib import Path

from otel.dashboards.files import files

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Write what has changed, and say what that was."""
    for path, text in files().items():
        target = ROOT / path
        changed = not target.exists() or target.read_text() != text
        if changed:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        sys.stdout.write(f"{path}  {'changed' if changed else 'as it was'}\n")


if __name__ == "__main__":
    main()
