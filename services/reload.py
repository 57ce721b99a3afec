"""`python reload.py PACKAGE SOURCES`: runs a service, and starts it again when a source changes.

The images' `dev` target runs this, and no other does. Beside this file lie `src`, the sources of
the image, with which SOURCES is filled when it is not there yet, and `modules`, the names of what
the service imports. What of that is not in SOURCES is imported once, here, and each start is a fork
of this process: most of a start is imports, and a synced line is to answer soon.

As a container's first process it hands SIGTERM on, and ends as the service does.
"""

import gc
import importlib
import os
import runpy
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).parent
POLL_SECONDS = 0.1
RESTART_SECONDS = 2.0
"""What open requests get at a restart; those that are cut off are safe to repeat."""
SIGNALS = {signal.SIGTERM, signal.SIGINT}

Snapshot = dict[str, tuple[int, int]]


def main(package: str, sources: Path) -> int:
    """Serve until told to stop; return the exit code."""
    # Blocked and waited for, so that none is lost, whatever happens meanwhile.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    if not sources.exists():
        shutil.copytree(HERE / "src", sources)
    import_the_rest(sources)
    seen = look(sources)
    changed = False
    service: int | None = start(package, sources)
    while signal.sigtimedwait(SIGNALS, POLL_SECONDS) is None:
        if service is not None and (code := ended(service)) is not None:
            say(f"{package} ended with {code}; it starts again when a source changes")
            service = None
        now = look(sources)
        if now != seen:
            seen, changed = now, True  # more may follow: wait until nothing does
        elif changed:
            changed = False
            say(f"sources have changed: {package} starts again")
            if service is not None:
                stop(service, RESTART_SECONDS)
            service = start(package, sources)
    return 0 if service is None else stop(service, float("inf"))


def import_the_rest(sources: Path) -> None:
    """Import what the service will, but nothing of its own: that is to be read at each start."""
    own = {path.name for path in sources.iterdir()}
    for name in (HERE / "modules").read_text().split():
        if name.partition(".")[0] not in own:
            # Not every name is one that can be imported; it is only sooner, not needed.
            with suppress(ImportError):
                importlib.import_module(name)
    gc.freeze()  # what is collected by no fork is copied by none


def start(package: str, sources: Path) -> int:
    """Be two processes: this one, and the service. Returns: the service's process id."""
    service = os.fork()
    if service == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        sys.path.insert(0, str(sources))
        sys.argv = [package]
        runpy.run_module(package, run_name="__main__", alter_sys=True)
        raise SystemExit(0)
    return service


def ended(service: int) -> int | None:
    """Its exit code, or nothing while it runs."""
    found, status = os.waitpid(service, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def stop(service: int, limit_seconds: float) -> int:
    """End it, in order if it does so in time. Returns: its exit code, 1 if it was killed."""
    os.kill(service, signal.SIGTERM)
    end = time.monotonic() + limit_seconds
    while (code := ended(service)) is None:
        if time.monotonic() > end:
            os.kill(service, signal.SIGKILL)
        time.sleep(POLL_SECONDS / 10)
    return code if code >= 0 else 1


def look(sources: Path) -> Snapshot:
    """Every source with its time and size."""
    seen = {}
    for folder, _, names in os.walk(sources):
        for name in names:
            path = os.path.join(folder, name)
            with suppress(FileNotFoundError):  # being replaced just now
                state = os.stat(path)
                seen[path] = (state.st_mtime_ns, state.st_size)
    return seen


def say(words: str) -> None:
    """Tell the developer, beside the service's own log."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
