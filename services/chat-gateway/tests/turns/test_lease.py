"""The lease: kept while the block runs, the end of the block when it is lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from chat_gateway.errors import DatabaseUnavailable, ModelError
from chat_gateway.turns.attempt import Attempt
from chat_gateway.turns.journal import LeaseLost
from chat_gateway.turns.lease import Lease
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.service import TurnService
from devstack.proxy import OutageProxy
from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database

from ..equipment.requests import asking, somebody
from ..equipment.scripted_agent import Gate, ScriptedAgent
from ..equipment.storage import Storage
from ..equipment.waiting import wait_until

LEASE_SECONDS = 0.6


@dataclass
class Held:
    """A turn that runs for as long as the test wants."""

    lease: Lease

    async def expires_at(self, storage: Storage) -> datetime:
        """When the lease runs out, by its row."""
        (turn,) = await storage.turns(self.lease.user_id)
        expires_at: datetime = turn["lease_expires_at"]
        return expires_at


@pytest.fixture
async def held(service: TurnService, agent: ScriptedAgent) -> AsyncIterator[Held]:
    gate = Gate()
    agent.script = gate
    identity = somebody()
    turn = asyncio.create_task(service.answer(asking(identity)))
    await gate.reached.wait()
    (context,) = agent.contexts
    yield Held(
        Lease(service.database, identity.user_id, Attempt(context.turn_id, 1, LEASE_SECONDS))
    )
    gate.opened.set()
    await asyncio.gather(turn, return_exceptions=True)


async def take_over(lease: Lease) -> None:
    """What another process does when it thinks that ours is dead."""
    async with lease.database.user_transaction(lease.user_id) as transaction:
        turns = TurnRepository(transaction)
        assert await turns.fail(lease.attempt, {"code": "test", "retryable": True})
        assert await turns.take_over(lease.attempt)


async def test_lost_lease_cuts_the_block_off(held: Held) -> None:
    await take_over(held.lease)
    with pytest.raises(LeaseLost):
        async with held.lease.kept():
            await asyncio.Event().wait()


async def test_lease_that_cannot_be_renewed_runs_out(held: Held, storage: Storage) -> None:
    with OutageProxy(storage.postgres.port) as proxy:
        database = Database(create_engine(storage.url_through(proxy), application_name="tests"))
        proxy.stop()
        began_at = asyncio.get_running_loop().time()
        with pytest.raises(DatabaseUnavailable):
            async with replace(held.lease, database=database).kept():
                await asyncio.Event().wait()
        assert asyncio.get_running_loop().time() - began_at >= LEASE_SECONDS
        await database.dispose()


async def test_lease_is_renewed_again_when_the_database_comes_back(
    held: Held, storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    with OutageProxy(storage.postgres.port) as proxy:
        database = Database(create_engine(storage.url_through(proxy), application_name="tests"))
        lease = Lease(database, held.lease.user_id, replace(held.lease.attempt, lease_seconds=3.0))
        before = await held.expires_at(storage)

        async def a_renewal_failed() -> bool:
            return "database unavailable" in caplog.text

        async def the_lease_was_renewed() -> bool:
            return await held.expires_at(storage) != before

        proxy.stop()
        async with lease.kept():
            await wait_until("a renewal fails", a_renewal_failed)
            proxy.resume()
            await wait_until("the lease is renewed", the_lease_was_renewed)
        await database.dispose()


async def test_failure_of_the_block_comes_out_as_it_is(held: Held) -> None:
    with pytest.raises(ModelError):
        async with held.lease.kept():
            raise ModelError()


async def test_cancellation_of_the_block_stays_a_cancellation(held: Held) -> None:
    entered = asyncio.Event()

    async def keep() -> None:
        async with held.lease.kept():
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(keep())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_lease_is_renewed_while_the_block_runs(held: Held, storage: Storage) -> None:
    before = await held.expires_at(storage)

    async def the_lease_was_renewed() -> bool:
        return await held.expires_at(storage) != before

    async with held.lease.kept():
        await wait_until("the lease is renewed", the_lease_was_renewed)


async def test_block_that_ends_ends_the_renewal(held: Held) -> None:
    before = asyncio.all_tasks()
    async with held.lease.kept():
        assert len(asyncio.all_tasks() - before) == 1
    assert asyncio.all_tasks() - before == set()
