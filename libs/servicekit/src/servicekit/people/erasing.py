"""Erasure: everything that this service keeps of a person goes, and nothing comes after it."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from servicekit.database.transactions import Database
from servicekit.people.personal_data import (
    ROWS_A_BATCH,
    PersonalData,
    bury,
    delete_some,
    is_gone,
)

CALL_SECONDS: Final = 8.0  # auth waits 10 s for an answer, and asks again until it is `done`
LONGEST_TRANSACTION_SECONDS: Final = 30.0  # the roles' statement_timeout (database/roles.py)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Erased:
    """How far an erasure is. deleted: rows that this call deleted, by table."""

    state: Literal["running", "done"]
    deleted: dict[str, int]


@dataclass(frozen=True, slots=True)
class Eraser:
    """Erases people. settle_seconds: until all that ran when an erasure began has ended."""

    database: Database
    data: PersonalData
    settle_seconds: float

    async def erase(self, user_id: UUID) -> Erased:
        """Erase a person, or go on with it; safe to repeat, safe at once, safe to kill.

        The first thing that is stored is that the person is erased: from then on `Database` begins
        no transaction for them, so what is deleted stays deleted. What had begun by then is waited
        for, and deleted by a later call.

        Returns: `done` once nothing is left and nothing can come.
        Raises: DatabaseUnavailable (503): try again.
        Source: ADR 0037.
        """
        # Makes true: no token of this person opens anything here any more.
        async with self.database.user_transaction(user_id, of_erased=True) as transaction:
            await bury(transaction, self.data.tombstones)
        ends_at = asyncio.get_running_loop().time() + CALL_SECONDS
        deleted: dict[str, int] = {}
        for table in self.data.tables:
            count = ROWS_A_BATCH
            while count == ROWS_A_BATCH and asyncio.get_running_loop().time() < ends_at:
                # Makes true: this batch is gone, whatever becomes of the next.
                async with self.database.user_transaction(user_id, of_erased=True) as transaction:
                    count = await delete_some(transaction, table)
                if count:
                    deleted[table.name] = deleted.get(table.name, 0) + count
        async with self.database.user_transaction(user_id, of_erased=True) as transaction:
            is_over = await is_gone(transaction, self.data, self.settle_seconds)
        erased = Erased("done" if is_over else "running", deleted)
        _logger.info(
            "person erased",
            extra={"user_id": str(user_id), "state": erased.state, "rows": sum(deleted.values())},
        )
        return erased
