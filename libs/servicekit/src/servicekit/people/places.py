"""Places: who has an export open in this process, and who loses it for somebody else.

A reader may be as slow as it likes while there is room. Once there is none, the export whose
reader was waited for longest ends for the next one: slow readers cost each other, and nobody who
reads (the rule of `servicekit.connections`).
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from servicekit.problems import Problem

MOST_OPEN: Final = 16
"""Each keeps a portion in memory: 1 MiB, and what of one page of rows it is over that."""
SAFE_SECONDS: Final = 5.0
"""Of waiting for its reader, all in all, after which an export may have to end."""
EXPORT_SECONDS: Final = 300.0


class ExportRunning(Problem):
    """An export of this person is being written already."""

    status, code, title = 429, "rate_limited", "Too many requests"
    retry_after_seconds = 10.0


class ExportsRunning(Problem):
    """This process writes as many exports as it may, none of them for long."""

    status, code, title = 503, "overloaded", "Overloaded"
    retry_after_seconds = 5.0


class Place:
    """One export that is open. `ended_early`: why, if it had to."""

    def __init__(self) -> None:
        self.limit = asyncio.timeout(EXPORT_SECONDS)
        self.ended_early: str | None = None
        self._waited = 0.0
        self._waits_since: float | None = None

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the block as time that the reader takes."""
        self._waits_since = _now()
        try:
            yield
        finally:
            self._waited += _now() - self._waits_since
            self._waits_since = None

    @property
    def waited_seconds(self) -> float:
        """For its reader, until now."""
        since = self._waits_since
        return self._waited + (0.0 if since is None else _now() - since)

    def end(self, why: str) -> None:
        """Have the export end where it is: `limit` runs out."""
        if not self.limit.expired():
            self.ended_early = why
            self.limit.reschedule(_now())


class Places:
    """Hands them out: one to a person, and few of them."""

    def __init__(self) -> None:
        self._open: dict[UUID, Place] = {}

    @contextmanager
    def place(self, user_id: UUID) -> Iterator[Place]:
        """Keep a place for the block, which runs under its `limit`.

        Raises: ExportRunning (429); ExportsRunning (503).
        """
        if user_id in self._open:
            raise ExportRunning("An export of yours is being written. Try again when it has ended.")
        if len(self._open) >= MOST_OPEN:
            self._make_room()
        place = self._open[user_id] = Place()
        try:
            yield place
        finally:
            if self._open.get(user_id) is place:
                del self._open[user_id]

    def _make_room(self) -> None:
        slowest = max(self._open, key=lambda one: self._open[one].waited_seconds)
        if self._open[slowest].waited_seconds < SAFE_SECONDS:
            raise ExportsRunning("As many exports as may run are running here. Try again.")
        self._open.pop(slowest).end("slow")


def _now() -> float:
    return asyncio.get_running_loop().time()
