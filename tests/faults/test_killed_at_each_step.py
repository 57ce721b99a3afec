"""The gateway is killed at each step of a turn; the same key then ends the turn, once.

Each test holds the turn at one step from outside (the model, the line to the tools, a row in the
database), kills the process there with SIGKILL, and lets another gateway take over.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from devstack.processes import ManagedProcess
from devstack.proxy import OutageProxy
from devstack.stack import Stack, base_url

from tests.conftest import NewUser
from tests.equipment.chat import User, answer, say
from tests.equipment.database import OF_ONE_TURN, DatabaseView
from tests.equipment.raw_http import RawResponse
from tests.equipment.retries import say_until_answered
from tests.equipment.simulator import Simulator, calls, text
from tests.equipment.waiting import wait_until
from tests.faults.conftest import OpenLine

ANSWER = "I added milk."
Titles = tuple[str, ...]
MANY = 5
"""More often than a turn is attempted here."""

TITLES = "SELECT title FROM tasks.task WHERE user_id = $1 ORDER BY created_at, id"
LOCK_TURN = "SELECT 1 FROM chat.turn WHERE user_id = $1 FOR UPDATE"
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'chat_gateway'"
    " AND wait_event_type = 'Lock'"
)


@dataclass(frozen=True)
class Victim:
    """A gateway that dies in the test, and its own line to mcp-tools."""

    process: ManagedProcess
    tools: OutageProxy

    @property
    def url(self) -> str:
        """Where it listens."""
        return base_url(self.process)


@pytest.fixture(scope="module")
def gateway_process(stack: Stack, open_line: OpenLine) -> Victim:
    line = open_line(stack.deployment.ports["mcp-tools"])
    process = stack.add_process("chat-gateway", "gateway-victim", MCP_URL=f"{line.url}/mcp")
    return Victim(process, line)


@pytest.fixture
async def victim(gateway_process: Victim, new_user: NewUser) -> Victim:
    """The gateway that this test may kill, running, and its tools' schemas loaded."""
    gateway_process.tools.resume()
    if not gateway_process.process.alive:
        await asyncio.to_thread(gateway_process.process.restart)
    answer(await say(gateway_process.url, await new_user(), "hello"))
    return gateway_process


@dataclass(frozen=True)
class Turn:
    """One turn under test: one task is added, then the model answers."""

    user: User
    said: str
    key: str

    async def send(self, gateway: str) -> RawResponse:
        """Send it once."""
        return await say(gateway, self.user, self.said, key=self.key)


@pytest.fixture
def turn(alice: User) -> Turn:
    """A turn that nobody has sent yet."""
    return Turn(alice, f"milk {uuid4()}", str(uuid4()))


async def arrange(
    simulator: Simulator, turn: Turn, hold_step: int | None = None, titles: Titles = ("milk",)
) -> None:
    """Let the model add tasks and say so, at every attempt; hold it once at one of its steps.

    The first fault that fits strikes, so the hang is ordered before the script.
    """
    if hold_step is not None:
        await simulator.hang(turn.said, step=hold_step)
    adds = calls(*(("add_task", dict[str, Any](title=title)) for title in titles))
    for step, response in enumerate((adds, text(ANSWER))):
        script = {"kind": "script", "match": turn.said, "step": step, "count": MANY}
        await simulator.order({**script, "responses": [response]})


async def kill(victim: Victim, sent: asyncio.Task[RawResponse]) -> None:
    """Kill the gateway; its caller sees a broken connection."""
    victim.process.kill()
    with pytest.raises(OSError):
        await sent


async def ends_once(
    stack: Stack, turn: Turn, database: DatabaseView, titles: Titles = ("milk",)
) -> None:
    """The surviving gateway ends the turn; nothing is there twice, and all in its order."""
    ended = await say_until_answered(stack.urls.gateway, turn.user, turn.said, key=turn.key)
    found, stored = answer(ended), await database.rows(TITLES, turn.user.user_id)
    assert found["response"] == ANSWER
    asked = tuple(call["arguments"]["title"] for call in found["tool_calls"])
    assert asked == tuple(row["title"] for row in stored) == titles
    again = await turn.send(stack.urls.gateway)
    assert (again.body, again.header("idempotency-replayed")) == (ended.body, "true")
    assert await database.rows_of(turn.user.user_id) == {
        **OF_ONE_TURN,
        "tasks.task": len(titles),
        "tasks.tool_call": len(titles),
    }


async def wait_for_rows(database: DatabaseView, turn: Turn, table: str) -> None:
    """Wait until the turn has left one row in a table."""

    async def look() -> bool:
        return (await database.rows_of(turn.user.user_id)).get(table) == 1

    await wait_until(f"one row in {table}", look)


async def wait_for_step(database: DatabaseView, turn: Turn) -> None:
    """Wait until the model's first answer is recorded."""

    async def look() -> bool:
        steps = await database.value(
            "SELECT jsonb_array_length(steps) FROM chat.turn WHERE user_id = $1",
            turn.user.user_id,
        )
        return bool(steps == 1)

    await wait_until("the first model answer is recorded", look)


@asynccontextmanager
async def turn_locked(locker: asyncpg.Connection, turn: Turn) -> AsyncIterator[None]:
    """Let nobody write to the turn inside the block."""
    async with locker.transaction():
        await locker.execute(LOCK_TURN, turn.user.user_id)
        yield


async def wait_for_blocked_gateway(database: DatabaseView) -> None:
    """Wait until a statement of a gateway waits for a row."""

    async def look() -> bool:
        return bool(await database.value(WAITING))

    await wait_until("a statement of the gateway waits for the locked row", look)


async def test_killed_while_the_model_thinks_first(
    stack: Stack, victim: Victim, turn: Turn, simulator: Simulator, database: DatabaseView
) -> None:
    await arrange(simulator, turn, hold_step=0)
    sent = asyncio.create_task(turn.send(victim.url))
    await simulator.wait_until_held(turn.said)

    await kill(victim, sent)

    await ends_once(stack, turn, database)


async def test_killed_before_the_tool_runs(
    stack: Stack, victim: Victim, turn: Turn, simulator: Simulator, database: DatabaseView
) -> None:
    """The model's wish is recorded, and the line to the tools is dead."""
    await arrange(simulator, turn)
    victim.tools.hold()
    sent = asyncio.create_task(turn.send(victim.url))
    await wait_for_step(database, turn)

    await kill(victim, sent)

    assert "tasks.task" not in await database.rows_of(turn.user.user_id)
    await ends_once(stack, turn, database)
    assert len(await simulator.asked(turn.said)) == 2, "the recorded wish was asked for again"


@pytest.mark.parametrize("titles", [("milk",), ("one", "two", "three", "four", "five")])
async def test_killed_after_the_tool_ran_and_before_its_result_is_recorded(
    stack: Stack,
    victim: Victim,
    turn: Turn,
    simulator: Simulator,
    database: DatabaseView,
    locker: asyncpg.Connection,
    titles: Titles,
) -> None:
    """The dangerous moment: the task is there, and the gateway does not know it."""
    await arrange(simulator, turn, titles=titles)
    victim.tools.hold()
    sent = asyncio.create_task(turn.send(victim.url))
    await wait_for_step(database, turn)
    async with turn_locked(locker, turn):
        victim.tools.resume()
        await wait_for_rows(database, turn, "tasks.task")
        await wait_for_blocked_gateway(database)

        await kill(victim, sent)

    await ends_once(stack, turn, database, titles)


async def test_killed_while_the_model_thinks_about_the_result(
    stack: Stack, victim: Victim, turn: Turn, simulator: Simulator, database: DatabaseView
) -> None:
    await arrange(simulator, turn, hold_step=1)
    sent = asyncio.create_task(turn.send(victim.url))
    await simulator.wait_until_held(turn.said)

    await kill(victim, sent)

    await ends_once(stack, turn, database)


async def test_killed_while_the_answer_is_being_stored(
    stack: Stack,
    victim: Victim,
    turn: Turn,
    simulator: Simulator,
    database: DatabaseView,
    locker: asyncpg.Connection,
) -> None:
    await arrange(simulator, turn, hold_step=1)
    sent = asyncio.create_task(turn.send(victim.url))
    await simulator.wait_until_held(turn.said)
    async with turn_locked(locker, turn):
        await simulator.release(turn.said)
        await wait_for_blocked_gateway(database)

        await kill(victim, sent)

    await ends_once(stack, turn, database)


async def test_killed_when_the_answer_is_stored(
    stack: Stack, victim: Victim, turn: Turn, simulator: Simulator, database: DatabaseView
) -> None:
    """The answer is on its way, or lost on it: the next process has it."""
    await arrange(simulator, turn)
    sent = await turn.send(victim.url)
    victim.process.kill()

    again = await turn.send(stack.urls.gateway)

    assert again.body == sent.body
    await ends_once(stack, turn, database)


async def test_abandoned_turn_does_not_block_its_conversation(
    stack: Stack, victim: Victim, turn: Turn, simulator: Simulator, database: DatabaseView
) -> None:
    """Its key never comes back; the lease runs out by itself, and the next message is answered."""
    await arrange(simulator, turn, hold_step=0)
    sent = asyncio.create_task(turn.send(victim.url))
    await simulator.wait_until_held(turn.said)
    await kill(victim, sent)
    conversation_id = await database.value(
        "SELECT conversation_id::text FROM chat.turn WHERE user_id = $1", turn.user.user_id
    )

    following = await say_until_answered(
        stack.urls.gateway,
        turn.user,
        "hello again",
        key=str(uuid4()),
        conversation_id=conversation_id,
    )

    answer(following)
    states = await database.rows(
        "SELECT state, failure::text FROM chat.turn WHERE user_id = $1 ORDER BY created_at",
        turn.user.user_id,
    )
    assert [row["state"] for row in states] == ["failed", "completed"]
    assert "lease_expired" in states[0]["failure"]
    # The abandoned turn can still be ended by its own key.
    late = await say_until_answered(stack.urls.gateway, turn.user, turn.said, key=turn.key)
    assert answer(late)["response"] == ANSWER
