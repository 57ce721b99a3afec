"""The lease: the right to run a turn, kept while it runs, gone by itself when its process dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from servicekit.database.transactions import Database

from chat_gateway.errors import DatabaseUnavailable
from chat_gateway.turns.journal import LeaseLost
from chat_gateway.turns.repository import TurnRepository

#: A lost renewal, and one that is slow, leave time for a third.
RENEWALS_PER_LEASE = 3
RETRY_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Lease:
    """One attempt's right to run one turn. seconds: how long it lasts without a renewal."""

    database: Database
    user_id: UUID
    turn_id: UUID
    attempt: int
    seconds: float

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renew the lease for as long as the block runs; cut the block off when it is lost.

        Raises: LeaseLost: another attempt has begun.
            DatabaseUnavailable (503): the lease ran out because it could not be renewed.
            What the block raises, as it is.
        """
        try:
            async with asyncio.TaskGroup() as group:
                renewal = group.create_task(self._renew(), name=f"lease of turn {self.turn_id}")
                yield
                renewal.cancel()
        except BaseExceptionGroup as errors:
            lost, _ = errors.split(LeaseLost)
            raise (lost or errors).exceptions[0] from None

    async def _renew(self) -> None:
        """Renew until cancelled. A renewal that fails is repeated while the lease still runs."""
        clock = asyncio.get_running_loop().time
        interval = pause = self.seconds / RENEWALS_PER_LEASE
        runs_out_at = clock() + self.seconds
        while True:
            await asyncio.sleep(pause)
            asked_at = clock()
            try:
                async with asyncio.timeout(interval):
                    await self._renew_once(interval)
            except (DatabaseUnavailable, TimeoutError) as error:
                if clock() >= runs_out_at:
                    raise DatabaseUnavailable(
                        "The database was away for longer than a turn may wait. Try again."
                    ) from error
                pause = RETRY_SECONDS
            else:
                runs_out_at, pause = asked_at + self.seconds, interval

    async def _renew_once(self, timeout_seconds: float) -> None:
        # Makes true: nobody else may run the turn for another lease.
        async with self.database.user_transaction(
            self.user_id, timeout_seconds=timeout_seconds
        ) as transaction:
            turns = TurnRepository(transaction, self.user_id)
            if not await turns.renew(self.turn_id, self.attempt, self.seconds):
                raise LeaseLost()
