"""Writes what `make generate` makes of Python, and says what has changed."""

import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]


def write(files: Mapping[str, str]) -> None:
    """Write what has changed. Args: files: texts by path from the root."""
    for path, text in files.items():
        target = ROOT / path
        changed = not target.exists() or target.read_text() != text
        if changed:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        sys.stdout.write(f"{path}  {'changed' if changed else 'as it was'}\n")
