"""kubectl, helm, kind, docker and skaffold: called by name, quoted when they fail."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack.tools.supply import ToolMissing, environment

QUOTED_LINES = 12


class ClusterProblem(Exception):
    """A cluster command cannot go on. The message says what happened and what to do next."""


@dataclass(frozen=True)
class Answer:
    """How a program ended. Attributes: said: its standard output. complained: its error output."""

    code: int
    said: str
    complained: str


@dataclass(frozen=True)
class Programs:
    """Programs of one environment. Attributes: root: where they run, the checkout."""

    root: Path
    environment: Mapping[str, str]

    def ask(self, *argv: str, stdin: str | None = None, limit_seconds: float = 120) -> Answer:
        """Run a program quietly to its end, however it ends.

        Raises: ClusterProblem: it is not installed, or still runs after the limit.
        """
        try:
            done = subprocess.run(
                argv,
                cwd=self.root,
                env=dict(self.environment),
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                text=True,
                timeout=limit_seconds,
                check=False,
            )
        except FileNotFoundError as missing:
            raise ClusterProblem(f"{argv[0]} is not installed; put it on PATH.") from missing
        except subprocess.TimeoutExpired as late:
            raise ClusterProblem(
                f"{' '.join(argv[:4])} … did not end within {limit_seconds:.0f} s."
            ) from late
        return Answer(done.returncode, done.stdout, done.stderr)

    def require(self, *argv: str, stdin: str | None = None, limit_seconds: float = 120) -> str:
        """Run a program quietly and return what it says.

        Raises: ClusterProblem: it failed; with the end of what it complained about.
        """
        answer = self.ask(*argv, stdin=stdin, limit_seconds=limit_seconds)
        if answer.code != 0:
            words = (answer.complained.strip() or answer.said.strip()).splitlines()
            raise ClusterProblem("\n".join([f"failed: {' '.join(argv)}", *words[-QUOTED_LINES:]]))
        return answer.said

    def show(self, *argv: str) -> int:
        """Run a program with this terminal as its own; return its exit code."""
        return subprocess.run(
            argv, cwd=self.root, env=dict(self.environment), check=False
        ).returncode


def programs(root: Path, *tools: str) -> Programs:
    """Programs with these tools of `devstack.tools` on their PATH, in the pinned versions.

    Raises: ClusterProblem: a tool is not there and cannot be had.
    """
    try:
        found = environment(*tools)
    except ToolMissing as missing:
        raise ClusterProblem(str(missing)) from missing
    return Programs(root, {**found, "SKAFFOLD_UPDATE_CHECK": "false"})


def say(name: str, text: str) -> None:
    """One line of progress."""
    print(f"{name:<16} │ {text}", flush=True)
