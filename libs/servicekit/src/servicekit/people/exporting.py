"""Export: everything that this service keeps of a person, written out while it is read."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from starlette.types import Receive, Scope, Send

from servicekit.database.transactions import Database, UserTransaction
from servicekit.people.personal_data import PersonalData, pages
from servicekit.problems import Problem

AT_ONCE: Final = 2  # each holds a connection of the pool for as long as its reader takes
EXPORT_SECONDS: Final = 300.0
_logger = logging.getLogger(__name__)


class ExportsRunning(Problem):
    """This process writes as many exports as it may."""

    status, code, title = 503, "overloaded", "Overloaded"
    retry_after_seconds = 10.0


@dataclass(frozen=True, slots=True)
class Exporter:
    """Exports people, few at a time and a page of rows in memory."""

    database: Database
    data: PersonalData
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def export(self, user_id: UUID) -> "ExportAnswer":
        """Answer with one JSON object: a list for each table, as one moment saw them all."""
        return ExportAnswer(self, user_id)


@dataclass(frozen=True, slots=True)
class ExportAnswer:
    """The answer (an ASGI app), which is read from the database while it is sent.

    Raises: ExportsRunning (503); Unauthenticated (401): the person is erased; DatabaseUnavailable
        (503). Once it has begun, a failure cuts it off, which leaves no whole JSON.
    """

    exporter: Exporter
    user_id: UUID

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        if self.exporter.slots.locked():
            raise ExportsRunning("As many exports as may run are running here. Try again.")
        async with (
            self.exporter.slots,
            asyncio.timeout(EXPORT_SECONDS),
            self.exporter.database.user_transaction(self.user_id, snapshot=True) as transaction,
        ):
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            async for piece in self._pieces(transaction):
                body = piece.encode()
                await send({"type": "http.response.body", "body": body, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        _logger.info("person exported", extra={"user_id": str(self.user_id)})

    async def _pieces(self, transaction: UserTransaction) -> AsyncIterator[str]:
        opening = "{"
        for exported in self.exporter.data.exported:
            yield f'{opening}"{exported.name}":['
            between = ""
            async for rows in pages(transaction, exported):
                yield between + ",".join(rows)
                between = ","
            yield "]"
            opening = ","
        yield "}"
