"""The lease: the right to run a turn, kept while it runs, gone by itself when its process dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from servicekit.database.transactions import Database

from chat_gateway.errors import (
    ConversationNotFound,
    DatabaseUnavailable,
    TurnInProgress,
    TurnStopped,
)
from chat_gateway.telemetry.spans import unrecorded
from chat_gateway.turns.attempt import Attempt
from chat_gateway.turns.journal import LeaseLost
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.states import DELETED, STOPPED

#: A lost renewal, and one that is slow, leave time for a third.
RENEWALS_PER_LEASE: Final = 3
RETRY_SECONDS: Final = 0.25
WATCH_SECONDS: Final = 1.0
"""How long a turn that somebody listens to runs on at most after it was stopped. Others notice at
their next write or renewal."""
LOSS_SECONDS: Final = 2.0
"""How long the answer to a lost turn waits to know why."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One attempt's right to run one turn."""

    database: Database
    user_id: UUID
    attempt: Attempt

    @asynccontextmanager
    async def kept(self, *, watched: bool = False) -> AsyncIterator[None]:
        """Renew the lease for as long as the block runs; cut the block off when it is lost.

        Args: watched: look whether it is lost between renewals too.
        Raises: LeaseLost: another attempt has begun, or the person stopped the turn or deleted it
                with its conversation.
            DatabaseUnavailable (503): the lease ran out because it could not be renewed.
            What the block raises, as it is.
        """
        try:
            async with asyncio.TaskGroup() as group:
                name = f"lease of turn {self.attempt.turn_id}"
                tasks = [group.create_task(self._renew(), name=name)]
                if watched:
                    tasks.append(group.create_task(self._watch(), name=f"watch over the {name}"))
                yield
                for task in tasks:
                    task.cancel()
        except BaseExceptionGroup as errors:
            lost, _ = errors.split(LeaseLost)
            raise (lost or errors).exceptions[0] from None

    async def loss(self) -> ConversationNotFound | TurnInProgress | TurnStopped:
        """Why the lease was lost, as the person is told it."""
        failure = None
        with suppress(DatabaseUnavailable):
            async with self._turns(LOSS_SECONDS) as turns:
                failure = await turns.failure_of(self.attempt.turn_id)
        if failure is DELETED:
            return ConversationNotFound("You have deleted this conversation.")
        if failure is not None and failure["code"] == STOPPED["code"]:
            return TurnStopped()
        return TurnInProgress("Another attempt at this turn has begun.")

    async def _watch(self) -> None:
        """Look until cancelled. A look that fails says nothing; the renewal is what counts."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            with unrecorded(), suppress(DatabaseUnavailable):
                async with self._turns(WATCH_SECONDS) as turns:
                    if not await turns.stands(self.attempt):
                        raise LeaseLost()

    async def _renew(self) -> None:
        """Renew until cancelled. A renewal that fails is repeated while the lease still runs."""
        clock = asyncio.get_running_loop().time
        interval = pause = self.attempt.lease_seconds / RENEWALS_PER_LEASE
        runs_out_at = clock() + self.attempt.lease_seconds
        while True:
            await asyncio.sleep(pause)
            asked_at = clock()
            try:
                async with asyncio.timeout(interval):
                    await self._renew_once(interval)
            except (DatabaseUnavailable, TimeoutError) as error:
                if clock() >= runs_out_at:
                    raise DatabaseUnavailable(
                        "The database was away for longer than a turn may wait."
                    ) from error
                pause = RETRY_SECONDS
            else:
                runs_out_at, pause = asked_at + self.attempt.lease_seconds, interval

    async def _renew_once(self, timeout_seconds: float) -> None:
        # Makes true: nobody else may run the turn for another lease.
        async with self._turns(timeout_seconds) as turns:
            if not await turns.renew(self.attempt):
                raise LeaseLost()

    @asynccontextmanager
    async def _turns(self, timeout_seconds: float) -> AsyncIterator[TurnRepository]:
        async with self.database.user_transaction(
            self.user_id, timeout_seconds=timeout_seconds
        ) as transaction:
            yield TurnRepository(transaction)
