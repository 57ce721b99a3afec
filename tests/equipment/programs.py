"""Programs of other people, run to their end."""

import subprocess
from collections.abc import Sequence

from tests.equipment.documents import ROOT


def run(argv: Sequence[str], *, limit_seconds: float, stdin: str = "") -> tuple[int, str]:
    """Run a program in the checkout: exit code, and all that it says, errors in their place."""
    done = subprocess.run(
        argv,
        cwd=ROOT,
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit_seconds,
        check=False,
    )
    return done.returncode, done.stdout
