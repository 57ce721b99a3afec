"""The data directory of a Postgres server: who holds it, and what a dead server left in it."""

import fcntl
import os
import signal
from pathlib import Path

import psutil

from devstack.process_tree import wait_until_ended

STOP_LIMIT_SECONDS = 10.0
FAST_SHUTDOWN = signal.SIGINT
PID_FILE_PORT = 3  # its fourth line


class PostgresInUse(Exception):
    """Another process runs Postgres on this data directory."""


class DataDirectory:
    """A folder that one process at a time may run Postgres on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def hold(self) -> None:
        """Take the directory; the kernel gives it back when we die.

        Raises: PostgresInUse: another process holds it.
        """
        lock_path = self.path.with_name(f"{self.path.name}.lock")
        lock = os.open(lock_path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise PostgresInUse(f"another process runs Postgres on {self.path}") from error
        self._lock = lock

    def give_back(self) -> None:
        """Let others hold the directory."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def is_ready(self, pid: int) -> bool:
        """Whether the server of this process id accepts connections, as pg_ctl finds out."""
        lines = self._pid_file()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def end_orphan(self) -> None:
        """End a server whose supervisor was killed: we hold the directory, so it is nobody's.

        Raises: PostgresInUse: it does not stop within 10 s.
        """
        lines = self._pid_file()
        if not lines or not lines[0].isdigit():
            return
        try:
            orphan = psutil.Process(int(lines[0]))
            if str(self.path) not in orphan.cmdline():
                # The number went to another program, which Postgres would take for itself.
                (self.path / "postmaster.pid").unlink()
                return
            orphan.send_signal(FAST_SHUTDOWN)
        except psutil.NoSuchProcess:
            return
        if not wait_until_ended([orphan], STOP_LIMIT_SECONDS):
            raise PostgresInUse(
                f"an older Postgres on {self.path} does not stop; end it: kill -QUIT {orphan.pid}"
            )

    @property
    def port(self) -> int:
        """Where the server that runs on it listens. Raises: LookupError: none runs."""
        lines = self._pid_file()
        if len(lines) <= PID_FILE_PORT:
            raise LookupError(f"no Postgres runs on {self.path}")
        return int(lines[PID_FILE_PORT])

    def _pid_file(self) -> list[str]:
        try:
            return (self.path / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []
