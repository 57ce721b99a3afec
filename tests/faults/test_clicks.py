"""Clicks that are repeated, sent at once, or whose gateway is killed: one effect, one row."""

import asyncio
import random
from collections import Counter
from uuid import uuid4

import asyncpg
import pytest
from devstack.processes import ManagedProcess
from devstack.proxy import OutageProxy
from devstack.stack import Stack, base_url

from tests.conftest import NewUser
from tests.equipment.actions import act, called
from tests.equipment.chat import User, answer, refusal, say
from tests.equipment.database import DatabaseView
from tests.equipment.raw_http import RawResponse
from tests.equipment.retries import RETRYABLE
from tests.equipment.simulator import Simulator
from tests.equipment.waiting import wait_until
from tests.faults.conftest import OpenLine

AT_ONCE = 20
CUTS = 40
SEED = 20261130
CALLS = "SELECT name FROM tasks.tool_call WHERE user_id = $1"
LOCK_TURN = "SELECT 1 FROM chat.turn WHERE user_id = $1 FOR UPDATE"
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'chat_gateway'"
    " AND wait_event_type = 'Lock'"
)


@pytest.fixture(scope="module")
def tools_line(stack: Stack, open_line: OpenLine) -> OutageProxy:
    return open_line(stack.deployment.ports["mcp-tools"])


@pytest.fixture(scope="module")
def process(stack: Stack, tools_line: OutageProxy) -> ManagedProcess:
    return stack.add_process("chat-gateway", "gateway-clicked", MCP_URL=f"{tools_line.url}/mcp")


@pytest.fixture
async def victim(process: ManagedProcess, tools_line: OutageProxy, new_user: NewUser) -> str:
    """The gateway that this test may kill, running, and its tools' schemas loaded."""
    tools_line.resume()
    if not process.alive:
        await asyncio.to_thread(process.restart)
    called(await act(base_url(process), await new_user(), "tasks.list"))
    return base_url(process)


async def click_until_done(gateway: str, user: User, title: str, key: str) -> RawResponse:
    """Click again with the same key until it is done."""

    async def attempt() -> RawResponse | None:
        try:
            response = await act(gateway, user, "tasks.add", {"title": title}, key=key)
        except OSError:
            return None
        return None if response.status in RETRYABLE else response

    done = await wait_until("the click is done", attempt, every_seconds=0.1)
    assert done is not None
    return done


async def is_done_once(stack: Stack, user: User, key: str, database: DatabaseView) -> None:
    """The surviving gateway ends the click; its effect and its row are there once."""
    ended = await click_until_done(stack.urls.gateway, user, "milk", key)
    told = called(ended)
    assert told["output"]["task"]["title"] == "milk"
    again = await act(stack.urls.gateway, user, "tasks.add", {"title": "milk"}, key=key)
    assert (again.body, again.header("idempotency-replayed")) == (ended.body, "true")
    assert await database.rows_of(user.user_id) == {
        "chat.turn": 1,
        "chat.daily_use": 1,
        "tasks.task": 1,
        "tasks.tool_call": 1,
    }


async def test_killed_between_the_record_and_the_call(
    stack: Stack,
    victim: str,
    process: ManagedProcess,
    tools_line: OutageProxy,
    alice: User,
    database: DatabaseView,
) -> None:
    key = str(uuid4())
    tools_line.hold()
    sent = asyncio.create_task(act(victim, alice, "tasks.add", {"title": "milk"}, key=key))

    async def recorded() -> bool:
        return (await database.rows_of(alice.user_id)).get("chat.turn") == 1

    await wait_until("the click is recorded", recorded)
    process.kill()
    with pytest.raises(OSError):
        await sent
    assert "tasks.task" not in await database.rows_of(alice.user_id)

    await is_done_once(stack, alice, key, database)


async def test_killed_between_the_call_and_its_result(
    stack: Stack,
    victim: str,
    process: ManagedProcess,
    tools_line: OutageProxy,
    alice: User,
    database: DatabaseView,
    locker: asyncpg.Connection,
) -> None:
    """The dangerous moment: the task is there, and the gateway does not know it."""
    key = str(uuid4())
    tools_line.hold()
    sent = asyncio.create_task(act(victim, alice, "tasks.add", {"title": "milk"}, key=key))

    async def has(table: str) -> bool:
        return (await database.rows_of(alice.user_id)).get(table) == 1

    await wait_until("the click is recorded", lambda: has("chat.turn"))
    async with locker.transaction():
        await locker.execute(LOCK_TURN, alice.user_id)
        tools_line.resume()
        await wait_until("the task is there", lambda: has("tasks.task"))

        async def blocked() -> bool:
            return bool(await database.value(WAITING))

        await wait_until("the result waits for the locked row", blocked)
        process.kill()
        with pytest.raises(OSError):
            await sent

    await is_done_once(stack, alice, key, database)


async def test_twenty_at_once_with_one_key_are_one_effect(
    stack: Stack, victim: str, alice: User, database: DatabaseView
) -> None:
    key = str(uuid4())
    gateways = (stack.urls.gateway, victim)
    responses = await asyncio.gather(
        *(
            act(gateways[n % 2], alice, "tasks.add", {"title": "milk"}, key=key)
            for n in range(AT_ONCE)
        )
    )
    done = [one for one in responses if one.status == 200]
    assert len({one.body for one in done}) == 1
    for one in responses:
        if one.status != 200:
            refusal(one, 409, "turn_in_progress")
    await is_done_once(stack, alice, key, database)


async def test_twenty_at_once_without_a_key_are_twenty(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    responses = await asyncio.gather(
        *(
            act(stack.urls.gateway, alice, "tasks.add", {"title": str(number)})
            for number in range(AT_ONCE)
        )
    )
    titles = {called(one)["output"]["task"]["title"] for one in responses}
    assert titles == set(map(str, range(AT_ONCE)))
    assert await database.rows_of(alice.user_id) == {
        "chat.turn": AT_ONCE,
        "chat.daily_use": 1,
        "tasks.task": AT_ONCE,
        "tasks.tool_call": AT_ONCE,
    }


async def test_clicks_on_one_task_at_once_are_all_audited(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    made = called(await act(stack.urls.gateway, alice, "tasks.add", {"title": "milk"}))
    named = {"task_id": made["output"]["task"]["id"]}
    told = [
        called(one)
        for one in await asyncio.gather(
            *(act(stack.urls.gateway, alice, "tasks.delete", named) for _ in range(AT_ONCE))
        )
    ]
    assert Counter("error" in one for one in told) == {True: AT_ONCE - 1, False: 1}
    rows = await database.rows(CALLS, alice.user_id)
    assert Counter(row["name"] for row in rows) == {"add_task": 1, "delete_task": AT_ONCE}


@pytest.mark.timeout(240)
async def test_connections_that_are_lost_at_any_moment_double_nothing(
    stack: Stack, victim: str, alice: User, database: DatabaseView
) -> None:
    chance = random.Random(SEED)
    for number in range(CUTS):
        key, title = f"cut-{number}", f"task {number}"
        first = asyncio.create_task(act(victim, alice, "tasks.add", {"title": title}, key=key))
        await asyncio.sleep(chance.random() * 0.06)  # at a moment that nobody chose
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        called(await click_until_done(stack.urls.gateway, alice, title, key))
    assert await database.rows_of(alice.user_id) == {
        "chat.turn": CUTS,
        "chat.daily_use": 1,
        "tasks.task": CUTS,
        "tasks.tool_call": CUTS,
    }


async def test_running_turn_and_clicks_do_not_wait_for_each_other(
    stack: Stack, alice: User, simulator: Simulator
) -> None:
    thread = answer(await say(stack.urls.gateway, alice, "hello"))["conversation_id"]
    said = f"think {uuid4()}"
    await simulator.hang(said)
    turn = asyncio.create_task(say(stack.urls.gateway, alice, said, conversation_id=thread))
    await simulator.wait_until_held(said)

    told = called(
        await act(stack.urls.gateway, alice, "tasks.add", {"title": "milk"}, thread=thread)
    )

    assert told["output"]["task"]["title"] == "milk"
    assert not turn.done()
    await simulator.release(said)
    answer(await turn)
