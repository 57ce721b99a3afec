"""`make run`, before anything is started: is the run allowed, and with what?"""

import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

from devstack.configuration import Configuration, ConfigurationWrong, read_configuration
from devstack.console import Console
from devstack.database_urls import DatabaseUrlWrong
from devstack.ports import PortTaken
from devstack.run import Run
from devstack.run_record import AlreadyRunning, RunLock
from devstack.summary import running_text

EXIT_FAILED = 1
EXIT_WRONG_SETTINGS = 2
# The guardian of a killed run ends what it left behind within three seconds.
LEFTOVERS_LIMIT_SECONDS = 5.0
POLL_SECONDS = 0.1


def command(_name: str, root: Path, folder: Path, env_file: Path) -> int:
    """Run the system until it is stopped; return the exit code."""
    lock = RunLock(folder)
    try:
        configuration = read_configuration(os.environ, env_file)
        unclean = lock.take()
    except (ConfigurationWrong, DatabaseUrlWrong) as refusal:
        return refuse(str(refusal), EXIT_WRONG_SETTINGS)
    except AlreadyRunning as running:
        return refuse(running_text(running.record), EXIT_FAILED)
    try:
        wait_for_leftovers(configuration, LEFTOVERS_LIMIT_SECONDS if unclean else 0.0)
        moved = configuration.taken_ports
        configuration = configuration.with_other_ports(moved)
    except PortTaken as refusal:
        lock.give_back()
        return refuse(str(refusal), EXIT_WRONG_SETTINGS)
    shutil.rmtree(folder / "logs", ignore_errors=True)
    (folder / "postgres.log").unlink(missing_ok=True)
    console = Console(raw=configuration.raw_logs)
    for variable, port in moved.items():
        console.warn(f"port {port} is in use by another program; set {variable} to choose ours")
    if (page := configuration.urls["web"]) not in configuration.allowed_origins:
        console.warn(f"the page at {page} will be refused: add it to ALLOWED_ORIGINS")
    try:
        return Run(configuration, root=root, folder=folder, lock=lock, console=console).run()
    finally:
        lock.give_back()


def wait_for_leftovers(configuration: Configuration, limit_seconds: float) -> None:
    """Wait until the ports are free that a killed run still holds, and refuse those named.

    Raises: PortTaken: one that the person named is in use after that.
    """
    deadline = time.monotonic() + limit_seconds
    while time.monotonic() < deadline:
        with suppress(PortTaken):
            configuration.require_free_ports()
            if not configuration.taken_ports:
                return
        time.sleep(POLL_SECONDS)
    configuration.require_free_ports()


def refuse(text: str, code: int) -> int:
    """Say why not."""
    sys.stderr.write(f"{text}\n")
    return code
