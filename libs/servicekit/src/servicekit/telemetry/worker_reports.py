"""Reports of a worker's metrics to its parent: who sends them, and who keeps the newest."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from socket import socket
from types import TracebackType
from typing import Final, Self

from prometheus_client import REGISTRY

from servicekit.telemetry.merged_metrics import Report

REPORT_SECONDS: Final = 1.0
"""How much of its counting a worker that is killed may take along."""
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a worker works. listener: shared with the others. parent: takes its reports."""

    listener: socket
    parent: Connection


class Reporter:
    """Reports a worker's metrics from a thread: at once, each second, when asked, and at the end.

    A worker whose parent is gone stops as if it had been told to.
    """

    def __init__(self, parent: Connection) -> None:
        self._parent = parent
        self._woken, self._wake = Pipe(duplex=False)
        self._thread = threading.Thread(target=self._run, name="metrics to the parent", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._wake.close()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._report(None)  # says that the worker serves
            while self._woken not in (ready := wait([self._parent, self._woken], REPORT_SECONDS)):
                question = self._parent.recv() if ready else None
                self._report(question)
            self._report(None)
        except (EOFError, OSError):
            _logger.warning("the parent of this worker is gone; stopping")
            os.kill(os.getpid(), signal.SIGTERM)

    def _report(self, question: int | None) -> None:
        self._parent.send((question, list(REGISTRY.collect())))


class Reported:
    """The newest report of one worker, for whoever scrapes. any: whether there has been one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: Report = []
        self._answered = 0
        self._complete = False
        self.any = False

    def read(self, connection: Connection) -> None:
        """Take reports until the worker's end of the connection is closed."""
        try:
            while True:
                question, report = connection.recv()
                with self._changed:
                    self._newest, self.any = report, True
                    self._answered = question or self._answered
                    self._changed.notify_all()
        except (EOFError, OSError):
            with self._changed:
                self._complete = True
                self._changed.notify_all()

    def answer(self, question: int, until: float) -> Report:
        """The report that was sent for a question or later. Args: until: on `time.monotonic`."""
        return self._wait(lambda: self._answered >= question, until - time.monotonic())

    def last(self, seconds: float) -> Report:
        """The last report of a worker that has ended."""
        return self._wait(lambda: False, seconds)

    def _wait(self, holds: Callable[[], bool], seconds: float) -> Report:
        with self._changed:
            self._changed.wait_for(lambda: self._complete or holds(), max(0.0, seconds))
            return self._newest
