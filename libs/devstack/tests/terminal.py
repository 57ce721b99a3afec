"""`make run` in a terminal: what a person types, and what they read."""

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from devstack.deployment import system_environment
from devstack.process_tree import descendants

READY_LIMIT_SECONDS = 90.0


class Terminal:
    """One `make run` in a folder of its own, and what it prints."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self._printed = folder / "terminal"
        self._folder = folder
        self._env = {**system_environment(), **env}
        self.process = self._start()

    def start_again(self) -> None:
        """Type the command once more; what was printed before is forgotten."""
        self._printed.unlink()
        self.process = self._start()

    @property
    def printed(self) -> str:
        return self._printed.read_text()

    def until_printed(self, text: str) -> None:
        """Wait until a text was printed."""
        deadline = time.monotonic() + READY_LIMIT_SECONDS
        while text not in self.printed:
            assert self.process.poll() is None, self.printed
            assert time.monotonic() < deadline, f"never printed: {text}\n{self.printed}"
            time.sleep(0.02)

    def beside(self, command: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the Makefile while this one runs."""
        return subprocess.run(
            self._command(command),
            env={**self._env, **env},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start_beside(self, command: str, **env: str) -> subprocess.Popen[str]:
        """Start another command of the Makefile, whose output the caller reads."""
        return subprocess.Popen(
            self._command(command),
            env={**self._env, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def pid_of(self, kind: str) -> int:
        """The process of a service, by what it was started with."""
        [found] = [
            process.pid
            for process in descendants(self.process.pid)
            if any(kind in word for word in process.cmdline()[1:])
        ]
        return found

    def _start(self) -> subprocess.Popen[bytes]:
        with self._printed.open("wb") as printed:
            return subprocess.Popen(
                self._command("run"), env=self._env, stdout=printed, stderr=subprocess.STDOUT
            )

    def _command(self, command: str) -> list[str]:
        # A folder of its own, and no .env: a person's running system and choices are left alone.
        places = ["--folder", str(self._folder / "state"), "--env-file", str(self._folder / ".env")]
        return [sys.executable, "-m", "devstack", command, *places]
