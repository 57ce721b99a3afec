"""A simulator in a process of its own, as `make run` starts it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack.guardian import Guardian
from devstack.ports import free_port
from devstack.processes import ManagedProcess

KEY = "simulator"
OWN_VARIABLES = ("PATH", "HOME", "LANG")


@contextmanager
def running_simulator(directory: Path, **settings: str) -> Iterator[str]:
    """Start a simulator and give its base URL. Args: settings: its variables."""
    directory.mkdir(exist_ok=True)
    port = free_port()
    inherited = {name: os.environ[name] for name in OWN_VARIABLES if name in os.environ}
    guardian = Guardian()
    process = ManagedProcess(
        "gemini-simulator",
        [sys.executable, "-m", "gemini_simulator"],
        {**inherited, "PORT": str(port), "METRICS_PORT": "", **settings},
        cwd=directory,
        log_path=directory / "simulator.log",
        ready_url=f"http://127.0.0.1:{port}/readyz",
        guardian=guardian,
    )
    process.start()
    try:
        process.wait_ready()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.end()
        guardian.dismiss()
