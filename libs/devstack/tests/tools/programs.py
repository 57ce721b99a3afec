"""Programs that a test puts on PATH, and tools that ask for them."""

from pathlib import Path

from devstack.tools.catalogue import Release, Tool

NOWHERE = Release("http://127.0.0.1:9/{os}/spanner", "http://127.0.0.1:9/checksums")
"""Port 9 discards; nothing listens there."""


def program(folder: Path, name: str, says: str, code: int = 0) -> Path:
    """An executable that prints something."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    path.chmod(0o755)
    return path


def spanner(release: Release | None = NOWHERE, **changes: object) -> Tool:
    """A tool of version 3.2.1 of which any 3 will do."""
    fields: dict[str, object] = {
        "name": "spanner",
        "program": "spanner",
        "version": "3.2.1",
        "fits": r"3\.",
        "asks": ("version",),
        "release": release,
        "source": None,
    }
    return Tool(**{**fields, **changes})  # type: ignore[arg-type] # the fields above, by name
