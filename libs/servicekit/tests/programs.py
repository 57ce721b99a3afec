"""Small services in processes of their own: what only a whole process can show."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

LIMIT_SECONDS = 15.0
POLL_SECONDS = 0.02


def wait_until(what: str, holds: Callable[[], bool]) -> None:
    """Wait for a state; say which one did not come within 15 s."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited {LIMIT_SECONDS:g} s for: {what}"
        time.sleep(POLL_SECONDS)


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Only what a process needs, and these."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1", **variables}


class Program:
    """A Python program, its log and how it ended."""

    def __init__(self, source: str, directory: Path, **variables: str) -> None:
        script = directory / "program.py"
        script.write_text(dedent(source))
        self._out, self._err = directory / "out", directory / "err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, str(script)], env=environment(variables), stdout=out, stderr=err
            )

    @property
    def log(self) -> list[dict[str, Any]]:
        """The JSON lines on stdout so far."""
        return [json.loads(line) for line in self._out.read_text().splitlines()]

    @property
    def errors(self) -> str:
        """What is on stderr so far."""
        return self._err.read_text()

    def ended(self) -> int:
        """Wait for the end; return the exit code."""
        return self.process.wait(LIMIT_SECONDS)

    def kill(self) -> None:
        """End it if it still runs."""
        self.process.kill()
        self.process.wait(LIMIT_SECONDS)
