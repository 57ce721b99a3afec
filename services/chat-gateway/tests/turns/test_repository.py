"""The fence around a turn: each write belongs to an attempt, and counts only while that runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest
from chat_gateway.turns.attempt import Attempt
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.service import TurnService
from servicekit.database.transactions import Database
from servicekit.identifiers import new_id

from ..equipment.requests import asking, conversation_of, somebody
from ..equipment.scripted_agent import Gate, ScriptedAgent
from ..equipment.storage import Storage
from ..equipment.waiting import wait_until

Write = Callable[[TurnRepository, Attempt], Awaitable[object]]

WRITES: dict[str, Write] = {
    "renew": lambda turns, attempt: turns.renew(attempt),
    "add_step": lambda turns, attempt: turns.add_step(attempt, {}),
    "set_result": lambda turns, attempt: turns.set_result(attempt, 0, {}),
    "complete": lambda turns, attempt: turns.complete(attempt, "{}", new_id()),
    "fail": lambda turns, attempt: turns.fail(attempt, {"code": "test", "retryable": True}),
}


class RunningTurn:
    """A turn that is running for as long as the test lasts."""

    def __init__(self, database: Database, user_id: UUID, turn_id: UUID) -> None:
        self.database, self.user_id = database, user_id
        self.first = Attempt(turn_id, 1, lease_seconds=10)

    async def do(self, work: Callable[[TurnRepository], Awaitable[object]]) -> object:
        async with self.database.user_transaction(self.user_id) as transaction:
            return await work(TurnRepository(transaction))


@pytest.fixture
async def turn(service: TurnService, agent: ScriptedAgent) -> AsyncIterator[RunningTurn]:
    gate, identity = Gate(), somebody()
    agent.script = gate
    running = asyncio.create_task(service.answer(asking(identity, key="key")))
    await gate.reached.wait()
    yield RunningTurn(service.database, identity.user_id, agent.contexts[0].turn_id)
    gate.opened.set()
    await asyncio.gather(running, return_exceptions=True)


async def test_live_turn_is_neither_taken_over_nor_passed_over(turn: RunningTurn) -> None:
    assert not await turn.do(lambda turns: turns.take_over(turn.first))
    assert not await turn.do(lambda turns: turns.pass_over(turn.first.turn_id))


async def test_abandoned_turn_is_taken_over_by_who_saw_its_last_attempt(
    turn: RunningTurn, storage: Storage
) -> None:
    await storage.abandon_turn(turn.user_id)
    assert not await turn.do(lambda turns: turns.take_over(replace(turn.first, number=0)))
    assert await turn.do(lambda turns: turns.take_over(turn.first))
    await storage.abandon_turn(turn.user_id)
    assert not await turn.do(lambda turns: turns.take_over(turn.first))


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
async def test_older_attempt_writes_nothing_while_the_next_one_runs(
    turn: RunningTurn, storage: Storage, write: Write
) -> None:
    await storage.abandon_turn(turn.user_id)
    assert await turn.do(lambda turns: turns.take_over(turn.first))
    before = await storage.turns(turn.user_id)

    assert not await turn.do(lambda turns: write(turns, turn.first))

    assert await storage.turns(turn.user_id) == before


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
async def test_running_attempt_writes_and_nobody_else_does(turn: RunningTurn, write: Write) -> None:
    stranger = RunningTurn(turn.database, somebody().user_id, turn.first.turn_id)
    assert not await stranger.do(lambda turns: write(turns, turn.first))
    assert await turn.do(lambda turns: write(turns, turn.first))


async def test_turn_that_opens_waits_for_the_one_that_closes(
    service: TurnService, agent: ScriptedAgent, storage: Storage
) -> None:
    """The closing transaction holds the conversation's row; seen from a session that holds it."""
    identity = somebody()
    conversation_id = conversation_of(await service.answer(asking(identity)))
    closing = await asyncpg.connect(storage.superuser_url)
    held = closing.transaction()
    await held.start()
    await closing.execute(
        "UPDATE chat.conversation SET updated_at = clock_timestamp() WHERE id = $1", conversation_id
    )
    opening = asyncio.create_task(service.answer(asking(identity, conversation_id=conversation_id)))

    async def somebody_waits() -> bool:
        return bool(
            await storage.rows(
                "SELECT FROM pg_stat_activity"
                " WHERE datname = $1 AND usename = 'chat_gateway' AND wait_event_type = 'Lock'",
                storage.name,
            )
        )

    await wait_until("the opening transaction waits", somebody_waits)
    assert len(agent.contexts) == 1, "the second turn has seen a history that is about to change"
    await held.commit()
    await closing.close()
    await opening
