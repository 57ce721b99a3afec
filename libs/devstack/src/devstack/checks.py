"""`make lint`, `make fmt` and `make test`: which tools look at what."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from devstack.deployment import NODE_FOLDERS, node_binary
from devstack.tools.supply import ToolMissing, obtain

# On both cores, a file on one of them: its tests share what they started. Not loadgroup, whose
# marks pytest-xdist 3.8.0 loses under pytest 9.2.0.
PYTEST = ("-m", "pytest", "-n", "2", "--dist", "loadfile")
CHART_TESTS = "tests/chart"
BROWSER_TESTS = "services/web/test/browser"
TEST_FOLDERS = ("libs/*/tests", "services/*/tests", CHART_TESTS, "tests")
CHART_TOOLS = ("helm", "helm4", "helm-unittest", "kubeconform", "helm-docs", "checkov")


@dataclass(frozen=True)
class Check:
    """One command. Attributes: folder: where it runs."""

    name: str
    argv: Sequence[str]
    folder: Path


@dataclass(frozen=True)
class Outcome:
    """How a check ended."""

    check: Check
    code: int
    output: str
    seconds: float


def command(name: str, root: Path, _folder: Path, _env_file: Path) -> int:
    """Run the checks of this name; return the exit code."""
    return {"lint": lint, "fmt": fmt, "test": test}[name](root)


def lint(root: Path) -> int:
    """Run every check, also after one has failed, types beside the rest; return the exit code."""
    types = [
        tool(root, f"mypy {name}", "mypy", *folders) for name, folders in mypy_runs(root).items()
    ]
    others = [
        tool(root, "ruff check", "ruff", "check"),
        tool(root, "ruff format", "ruff", "format", "--check", "--quiet"),
        tool(root, "import-linter", "lint-imports", "--no-cache"),
        tool(root, "loq", "loq", "check"),
        tool(root, "yamllint", "yamllint", "--strict", "."),
        npm(root, "services/auth", "run", "lint"),
        npm(root, "services/web", "run", "lint"),
    ]
    with ThreadPoolExecutor(2) as pool:
        lanes = pool.map(lambda lane: [run(check) for check in lane], (others, types))
        return report(outcome for lane in lanes for outcome in lane)


def fmt(root: Path) -> int:
    """Format everything; return the exit code."""
    checks = [
        tool(root, "ruff check", "ruff", "check", "--fix"),
        tool(root, "ruff format", "ruff", "format"),
        npm(root, "services/auth", "run", "fmt"),
        npm(root, "services/web", "run", "fmt"),
    ]
    return report(run(check) for check in checks)


def test(root: Path) -> int:
    """Run every member's own tests, then those that cross services; return the exit code.

    One pytest per folder: each is the package `tests`, of which a process can have but one, and
    OpenTelemetry takes one provider per process. The last one ends the output with its closing
    line, unless a folder before it failed: that is said below it.
    """
    codes: dict[str, int] = {}
    for folder in NODE_FOLDERS.values():
        print(folder, flush=True)
        codes[folder] = report([run(npm(root, folder, "test"))])
    print(f"\n{BROWSER_TESTS}", flush=True)
    codes[BROWSER_TESTS] = show(npm(root, NODE_FOLDERS["web"], "run", "test:browser"))
    for folder in python_folders(root, *TEST_FOLDERS):
        print(f"\n{folder}", flush=True)
        if folder == CHART_TESTS:
            obtain_tools(*CHART_TOOLS)
        argv = [sys.executable, *PYTEST, folder, *beside(folder)]
        codes[folder] = subprocess.run(argv, cwd=root, check=False).returncode
    failed = [folder for folder, code in codes.items() if code != 0]
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def obtain_tools(*names: str) -> None:
    """Have tools before tests start, outside of their limits; what is missing, tests will say."""
    for name in names:
        try:
            obtain(name)
        except ToolMissing as failure:
            print(failure, flush=True)


def beside(folder: str) -> list[str]:
    """What pytest leaves out of a folder: the chart's tests are run under their own heading."""
    return [f"--ignore={CHART_TESTS}"] if folder == "tests" else []


def mypy_runs(root: Path) -> dict[str, list[str]]:
    """What is type-checked together: two folders that are both the package `tests` cannot be."""
    patterns = ("libs/*/src", "services/*/src", "libs/*/tests", "tests", "charts/*/files", "otel")
    together = python_folders(root, *patterns)
    alone = python_folders(root, "services/*/tests")
    return {"sources and tests": together, **{folder: [folder] for folder in alone}}


def python_folders(root: Path, *patterns: str) -> list[str]:
    """Folders with Python files, relative to the root."""
    found = (path for pattern in patterns for path in sorted(root.glob(pattern)))
    return [str(path.relative_to(root)) for path in found if any(path.rglob("*.py"))]


def tool(root: Path, name: str, program: str, *arguments: str) -> Check:
    """A Python tool of the virtual environment."""
    return Check(name, [str(Path(sys.executable).with_name(program)), *arguments], root)


def npm(root: Path, folder: str, *arguments: str) -> Check:
    """npm of the Node in the virtual environment."""
    node = node_binary()
    cli = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    name = f"npm {' '.join(arguments)} in {folder}"
    return Check(name, [str(node), str(cli), "--no-update-notifier", *arguments], root / folder)


def environment() -> dict[str, str]:
    """Ours, with the tools of the virtual environment first."""
    tools = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([tools, os.environ.get("PATH", os.defpath)])}


def show(check: Check) -> int:
    """Run a command whose output is worth seeing as it comes; return its exit code."""
    argv = list(check.argv)
    return subprocess.run(argv, cwd=check.folder, env=environment(), check=False).returncode


def run(check: Check) -> Outcome:
    """Run a command to its end and keep what it says."""
    started = time.monotonic()
    done = subprocess.run(
        check.argv,
        cwd=check.folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(check, done.returncode, done.stdout, time.monotonic() - started)


def report(outcomes: Iterable[Outcome]) -> int:
    """Print how each check ended, with its output when it failed; return the exit code."""
    failed = False
    for outcome in outcomes:
        verdict = "ok" if outcome.code == 0 else f"FAILED ({outcome.code})"
        print(f"{outcome.check.name:<40} {verdict:>11} {outcome.seconds:6.1f} s", flush=True)
        if outcome.code != 0:
            failed = True
            print(outcome.output.rstrip(), flush=True)
    return 1 if failed else 0
