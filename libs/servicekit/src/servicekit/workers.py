"""Several workers on one port: a parent that starts them, replaces what died, and adds up metrics.

The parent holds the listening socket and `/metrics`, and serves no request. A worker is the whole
service in a process of its own; it takes connections from the shared socket, and reports what it
counted once a second, when somebody scrapes, and before it ends.
Source: ADR 0015.
"""

import logging
import multiprocessing
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Final, Generic, TypeVar

from servicekit.serve import EXIT_CODE_NOT_STARTED, start_metrics
from servicekit.settings import WorkerSettings
from servicekit.telemetry.merged_metrics import MergedMetrics, Report, lasting, merge
from servicekit.telemetry.setup import set_up_process_logs
from servicekit.telemetry.worker_reports import Place, Reported

LOOK_SECONDS: Final = 1.0
"""The longest that a signal may wait for the parent's loop; a worker's end wakes it at once."""
SCRAPE_SECONDS: Final = 2.0
"""How long a scrape waits for a busy worker before its last report has to do; Prometheus has 10."""
BACKLOG: Final = 2048  # uvicorn's own
_logger = logging.getLogger(__name__)

S = TypeVar("S", bound=WorkerSettings)
ServeOne = Callable[[S, Place | None], None]
"""Serves until told to stop: alone, or as a worker in its place. A function of a module other than
`__main__`, which a new process of Python's `spawn` does not import."""


def run(service_name: str, settings: S, serve_one: ServeOne[S]) -> None:
    """Serve in as many workers as the settings say; one is this process itself. Blocks.

    Raises: SystemExit(3): the service or a listener could not be started; the log says why.
    """
    if settings.workers == 1:
        serve_one(settings, None)
        return
    set_up_process_logs(
        service_name, log_level=settings.log_level, log_level_file=settings.log_level_file
    )
    with _listen(settings) as listener:
        Supervisor(settings, serve_one, listener).run()


def _listen(settings: WorkerSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        _logger.error("failed to listen on port %d: %s", settings.port, error.strerror)
        raise SystemExit(EXIT_CODE_NOT_STARTED) from None


@dataclass(eq=False)
class Worker:
    """One worker, as the parent sees it."""

    process: SpawnProcess
    connection: Connection
    reported: Reported = field(default_factory=Reported)

    def read(self) -> None:
        """Take its reports until it has ended. Runs in a thread of its own."""
        self.reported.read(self.connection)

    def ask(self, question: int) -> None:
        """Ask for a report."""
        try:
            self.connection.send(question)
        except OSError:
            _logger.debug("a worker that is ending was asked for its metrics")


class Supervisor(Generic[S]):
    """Keeps the workers running until SIGTERM or SIGINT, then lets each of them drain.

    Args: serve_one: what a worker does. listener: the socket that they share.
    """

    def __init__(self, settings: S, serve_one: ServeOne[S], listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._context = multiprocessing.get_context("spawn")
        self._serve_one = serve_one
        self._workers: list[Worker] = []
        self._departed: Report = []
        self._lock = threading.Lock()  # of the two above
        self._questions = 0
        self._stopping = False
        self._code = 0

    def run(self) -> None:
        """Start the workers, watch over them, and end with the last of them.

        Raises: SystemExit(3): a worker ended before it served.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        metrics = start_metrics(self._settings, MergedMetrics(self._reports))
        try:
            for _ in range(self._settings.workers):
                self._start_worker()
            while self._workers:
                wait([worker.process.sentinel for worker in self._workers], LOOK_SECONDS)
                if self._stopping:
                    self._listener.close()  # or it would take connections that nobody serves
                for worker in [one for one in self._workers if not one.process.is_alive()]:
                    self._ended(worker)
        finally:
            self._stop()  # where we end by a bug: workers without a parent would never be found
            if metrics is not None:
                metrics.close()
        if self._code:
            raise SystemExit(self._code)

    def _start_worker(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=self._serve_one,
            args=(self._settings, Place(self._listener, theirs)),
            name=f"worker {len(self._workers) + 1}",
        )
        process.start()
        theirs.close()  # so that ours says when the worker's is closed
        worker = Worker(process, ours)
        threading.Thread(target=worker.read, name="reports of a worker", daemon=True).start()
        with self._lock:
            self._workers.append(worker)
        if self._stopping:
            process.terminate()

    def _ended(self, worker: Worker) -> None:
        """Keep what it counted, and put another in its place unless we are stopping."""
        worker.process.join()
        last = worker.reported.last(SCRAPE_SECONDS)
        with self._lock:
            self._workers.remove(worker)
            self._departed = merge([self._departed, lasting(last)])
        if self._stopping:
            return
        code = worker.process.exitcode
        if not worker.reported.any:
            # It would fail in the same way for ever; whoever started us shall see that.
            _logger.error("a worker could not be started", extra={"exit_code": code})
            self._code = EXIT_CODE_NOT_STARTED
            self._stop()
            return
        _logger.error("a worker ended by itself; starting another", extra={"exit_code": code})
        self._start_worker()

    def _told_to_stop(self, number: int, _: FrameType | None) -> None:
        self._stop()

    def _stop(self) -> None:
        """Let every worker drain and end."""
        self._stopping = True
        for worker in self._workers:
            worker.process.terminate()

    def _reports(self) -> Iterable[Report]:
        """Ask each worker for a report; one that is busy is taken at its last word."""
        with self._lock:
            self._questions += 1
            question, workers, departed = self._questions, list(self._workers), self._departed
        for worker in workers:
            worker.ask(question)
        until = time.monotonic() + SCRAPE_SECONDS
        answers = [worker.reported.answer(question, until) for worker in workers]
        return [departed, *answers]
