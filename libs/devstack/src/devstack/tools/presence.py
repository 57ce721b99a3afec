"""What this machine has already: on PATH in a version that fits, or obtained by us before."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from devstack.tools.catalogue import Tool

VERSION_SECONDS = 20
"""How long a program may take to say its version; skaffold needs 0.3 s when it is not in memory."""


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where obtained tools are kept: the person's cache, so that every checkout has them."""
    base = environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "taskchat" / "tools"


def kept(tool: Tool, folder: Path | None = None) -> Path:
    """Where an obtained tool is, or will be: alone in a folder that can be put on PATH."""
    return (folder or cache_folder()) / f"{tool.program}-{tool.version}" / tool.program


def present(tool: Tool, folder: Path | None = None) -> Path | None:
    """The program if the machine has one that fits, else None."""
    for name in (*tool.aliases, tool.program):
        for found in on_path(name):
            if not tool.asks or tool.accepts(says(found, tool.asks)):
                return found
    mine = kept(tool, folder)
    return mine if os.access(mine, os.X_OK) else None


def on_path(name: str) -> list[Path]:
    """All programs of this name, in the order of PATH: the first may be of the wrong version."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    found = (shutil.which(name, path=folder) for folder in folders if folder)
    return [Path(path) for path in dict.fromkeys(found) if path is not None]


@cache
def says(program: Path, asks: tuple[str, ...]) -> str:
    """What a program prints about its version; "" when it does not run."""
    try:
        done = subprocess.run(
            [program, *asks],
            capture_output=True,
            text=True,
            timeout=VERSION_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
