"""Keeps servers running: starts them, says when they are ready, starts them again when they die."""

import itertools
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from devstack.console import Console
from devstack.processes import ProcessFailed

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
# A server that ran this long was well: its next death begins the back-off anew.
WELL_AFTER_SECONDS = 60.0
READY_LIMIT_SECONDS = 60.0
# What a service exits with when a variable is wrong: the next attempt would end the same way.
EXIT_CODE_WRONG_SETTINGS = 2
MOST_FIRST_STARTS = 3


class Server(Protocol):
    """What can be kept running."""

    name: str

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""

    def start(self) -> None:
        """Start it; may block until it is ready. Raises: ProcessFailed: it did not start."""

    def wait_ready(self, timeout: float) -> None:
        """Wait until it is ready. Raises: ProcessFailed: it ended, or is not ready in time."""

    def wait_for_exit(self) -> int:
        """Block until it ends; return its exit code."""

    def end(self) -> None:
        """Stop it within three seconds, in whatever state it is."""


class Keeper:
    """One server under supervision, watched by a thread of its own.

    Args: on_failure: called with the reason when the server cannot be started at all.
    """

    def __init__(self, server: Server, console: Console, on_failure: Callable[[str], None]) -> None:
        self.ready = threading.Event()
        self._server = server
        self._console = console
        self._on_failure = on_failure
        self._stopping = threading.Event()
        # Held while the server starts, so that a stop never misses a process just being made.
        self._starting = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name=f"keeper of {server.name}")
        self._thread.start()

    def stop(self) -> None:
        """End the server for good."""
        self._stopping.set()
        with self._starting:
            self._server.end()
        self._thread.join()

    def _keep(self) -> None:
        delay = FIRST_DELAY_SECONDS
        for attempt in itertools.count(1):
            started_at = time.monotonic()
            failure = self._bring_up()
            if self._stopping.is_set():
                return
            if failure is not None and not self.ready.is_set() and self._is_hopeless(attempt):
                self._on_failure(failure)
                return
            if failure is not None and self._server.exit_code is None:
                self._console.warn(failure)
            code = self._server.wait_for_exit()
            if time.monotonic() - started_at > WELL_AFTER_SECONDS:
                delay = FIRST_DELAY_SECONDS
            if self._stopping.is_set():
                return
            name = self._server.name
            self._console.warn(f"{name} {describe_end(code)}; starting it again in {delay:g} s")
            if self._stopping.wait(delay):
                return
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    def _bring_up(self) -> str | None:
        """Start the server and wait until it is ready; return why it is not, None when it is."""
        started_at = time.monotonic()
        try:
            with self._starting:
                if self._stopping.is_set():
                    return "it is being stopped"
                self._server.start()
            self._server.wait_ready(READY_LIMIT_SECONDS)
        except ProcessFailed as failure:
            return str(failure)
        again = " again" if self.ready.is_set() else ""
        took = time.monotonic() - started_at
        self._console.say(f"{self._server.name} is ready{again} ({took:.1f} s)")
        self.ready.set()
        return None

    def _is_hopeless(self, attempt: int) -> bool:
        """Whether a server that was never ready would not be so at the next attempt either."""
        code = self._server.exit_code
        return code is None or code == EXIT_CODE_WRONG_SETTINGS or attempt >= MOST_FIRST_STARTS


class Supervisor:
    """All servers of one run. Args: on_failure: called when one cannot be started at all."""

    def __init__(self, console: Console, on_failure: Callable[[str], None]) -> None:
        self._console = console
        self._on_failure = on_failure
        self._keepers: list[Keeper] = []

    def keep(self, server: Server) -> Keeper:
        """Keep a server running from now on. The one kept first is stopped last."""
        keeper = Keeper(server, self._console, self._on_failure)
        self._keepers.append(keeper)
        return keeper

    def stop(self) -> None:
        """Stop all servers at once, then the first one: the database outlives its clients."""
        if not self._keepers:
            return
        first, *others = self._keepers
        if others:
            with ThreadPoolExecutor(len(others)) as pool:
                list(pool.map(Keeper.stop, others))
        first.stop()


def describe_end(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with code {code}"
