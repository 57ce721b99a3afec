"""Who runs this checkout: a lock that the kernel frees, and a file that says where things are."""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunRecord:
    """One run: the process that supervises it, and the base URLs by service.

    Attributes: ready: False while it starts. origin: one that the gateway allows.
    """

    pid: int
    ready: bool
    origin: str
    urls: Mapping[str, str]


class AlreadyRunning(Exception):
    """Another `make run` of this checkout runs; `record` is None while it writes its own."""

    def __init__(self, record: RunRecord | None) -> None:
        super().__init__("taskchat is already running")
        self.record = record


class RunLock:
    """The right to run this checkout. Args: folder: `.taskchat` of the checkout."""

    def __init__(self, folder: Path) -> None:
        self._lock_path = folder / "run.lock"
        self._record_path = folder / "run.json"
        self._lock: int | None = None

    def take(self) -> bool:
        """Take the lock; return whether the last run was killed before it could clean up.

        Raises: AlreadyRunning: somebody holds it.
        """
        self._lock_path.parent.mkdir(exist_ok=True)
        lock = os.open(self._lock_path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise AlreadyRunning(self._read()) from error
        self._lock = lock
        return self._record_path.exists()

    def write(self, origin: str, urls: Mapping[str, str], *, ready: bool) -> RunRecord:
        """Say where things are; return what was written."""
        record = RunRecord(os.getpid(), ready, origin, urls)
        draft = self._record_path.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(record), indent=2))
        draft.replace(self._record_path)
        return record

    def give_back(self) -> None:
        """Everything has stopped."""
        self._record_path.unlink(missing_ok=True)
        self._let_go()

    def current(self) -> RunRecord | None:
        """The run that holds the lock; None when there is none."""
        try:
            self.take()
        except AlreadyRunning as running:
            return running.record
        self._let_go()
        return None

    def _let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _read(self) -> RunRecord | None:
        try:
            return RunRecord(**json.loads(self._record_path.read_text()))
        except FileNotFoundError:
            return None
