"""Export: everything that this service keeps of a person, written out a portion at a time.

A portion is read as fast as the database gives it, and then its connection goes back: how slowly it
is taken costs the reader alone.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from starlette.types import Receive, Scope, Send

from servicekit.database.transactions import Database, UserTransaction
from servicekit.people.personal_data import Keys, PersonalData, pages
from servicekit.people.places import ExportsRunning, Place, Places
from servicekit.people.portions import Portion
from servicekit.telemetry.trace_context import tell_server_span

AT_ONCE: Final = 2  # portions that are being read: connections of the pool
READING_SECONDS: Final = 2.0  # after which a portion ends, full or not: others wait to be read
LINE_SECONDS: Final = 10.0  # that an export waits for its first portion to be begun
_LEFT: Final = "left"
_HEADERS: Final = [(b"content-type", b"application/json")]
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exporter:
    """Exports people: few are open, fewer are being read."""

    database: Database
    data: PersonalData
    places: Places = field(default_factory=Places)
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def export(self, user_id: UUID) -> "ExportAnswer":
        """Answer with one JSON object: a list for each table.

        Each portion is as one moment saw it. An export of some megabytes is one portion.
        """
        return ExportAnswer(self, user_id)


@dataclass(slots=True)
class _Bookmark:
    """Where the next portion begins: table, and its last row that was read."""

    table: int = 0
    after: Keys | None = None


@dataclass(frozen=True, slots=True)
class ExportAnswer:
    """The answer (an ASGI app).

    Raises: ExportRunning (429); ExportsRunning (503); Unauthenticated (401): the person is erased;
        DatabaseUnavailable (503). Once it has begun, a failure cuts it off, and so does somebody
        who needs the place of a slow reader: that leaves no whole JSON.
    """

    exporter: Exporter
    user_id: UUID

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        with self.exporter.places.place(self.user_id) as place:
            try:
                async with place.limit:
                    await self._send(place, receive, send)
            except TimeoutError:
                if not place.limit.expired():
                    raise
                self._cut_off(place, scope)
                return
        _logger.info("person exported", extra={"user_id": str(self.user_id)})

    async def _send(self, place: Place, receive: Receive, send: Send) -> None:
        leaving = asyncio.create_task(_end_with_reader(receive, place))
        try:
            has_begun = False
            async for portion in self._portions():
                if not has_begun:  # until now a failure had a status
                    start = {"type": "http.response.start", "status": 200, "headers": _HEADERS}
                    await send(start)
                    has_begun = True
                for piece in portion.pieces():
                    with place.waiting():
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            leaving.cancel()  # an answer that is complete looks to it like a reader that left
        with place.waiting():
            await send({"type": "http.response.body", "body": b""})

    async def _portions(self) -> AsyncIterator[Portion]:
        bookmark = _Bookmark()
        tables = len(self.exporter.data.exported)
        wait_seconds: float | None = LINE_SECONDS
        while bookmark.table < tables:
            yield await self._portion(bookmark, wait_seconds)
            wait_seconds = None

    async def _portion(self, bookmark: _Bookmark, wait_seconds: float | None) -> Portion:
        """Read one. Raises: ExportsRunning (503): it was not its turn in time."""
        try:
            async with asyncio.timeout(wait_seconds):
                await self.exporter.slots.acquire()
        except TimeoutError:
            raise ExportsRunning("Other exports are being read here. Try again.") from None
        try:
            async with self.exporter.database.user_transaction(
                self.user_id, snapshot=True
            ) as transaction:
                return await self._read(transaction, bookmark)
        finally:
            self.exporter.slots.release()

    async def _read(self, transaction: UserTransaction, bookmark: _Bookmark) -> Portion:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + READING_SECONDS
        portion = Portion()
        exported = self.exporter.data.exported
        while bookmark.table < len(exported):
            table = exported[bookmark.table]
            if bookmark.after is None:
                portion.add(f'{"," if bookmark.table else "{"}"{table.name}":[')
            async for page in pages(transaction, table, after=bookmark.after):
                between = "" if bookmark.after is None else ","
                # Megabytes take longer than a loop should stand still.
                await asyncio.to_thread(portion.add, between + ",".join(page.rows))
                bookmark.after = page.last
                if portion.is_full or loop.time() > ends_at:
                    return portion
            bookmark.table, bookmark.after = bookmark.table + 1, None
            portion.add("]}" if bookmark.table == len(exported) else "]")
        return portion

    def _cut_off(self, place: Place, scope: Scope) -> None:
        """Say why; that the answer is not complete closes its connection."""
        why = place.ended_early or "late"
        if why != _LEFT:
            tell_server_span(scope, ExportsRunning("The export was cut off."))
        _logger.warning("export cut off", extra={"user_id": str(self.user_id), "reason": why})


async def _end_with_reader(receive: Receive, place: Place) -> None:
    """A reader that is gone needs no place."""
    while (await receive())["type"] != "http.disconnect":
        pass
    place.end(_LEFT)
