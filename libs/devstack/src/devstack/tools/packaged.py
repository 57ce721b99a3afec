"""A tool from Python packages, in an environment of its own: its pins must not bind ours."""

import subprocess
import sys
from pathlib import Path

from devstack.tools.catalogue import Packages


class NotPackaged(Exception):
    """The packages could not be installed; the message says why."""


def install(packages: Packages, home: Path, target: Path) -> None:
    """Put a link to the program at `target`.

    Args: home: where the environment stays; one that was left unfinished is made anew.
    Raises: NotPackaged: with the last lines of what uv said.
    """
    environment = home / "environment"
    pins = Path(__file__).with_name(packages.pins)
    uv("venv", "--clear", "--python", sys.executable, str(environment))
    uv("pip", "install", "--python", str(environment / "bin" / "python"), "-r", str(pins))
    target.symlink_to(environment / "bin" / target.name)


def uv(*arguments: str) -> None:
    """Run the uv of our own environment.

    Raises: NotPackaged
    """
    program = Path(sys.executable).with_name("uv")
    done = subprocess.run(
        [program, "--quiet", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()[-5:]
        raise NotPackaged(f"uv {' '.join(arguments[:2])}: {' / '.join(words)}")
