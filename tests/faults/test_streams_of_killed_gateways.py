"""A gateway dies, or is told to end, while it streams: the answer is there, or is made once.

A person's line to the gateway is held where a test needs what was said and not yet heard.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

import asyncpg
import pytest
from devstack.chatkit.client import ChatKitClient
from devstack.chatkit.requests import JsonObject, create_thread, retry_after_item
from devstack.processes import ManagedProcess, probe
from devstack.proxy import OutageProxy
from devstack.stack import Stack, base_url

from tests.equipment.chat import User
from tests.equipment.chatkit import (
    BROKEN,
    CheckedView,
    chatkit,
    expect_stored_as_streamed,
    repeat_until_done,
    run_until_answered,
)
from tests.equipment.database import DatabaseView
from tests.equipment.simulator import Simulator
from tests.equipment.waiting import wait_until
from tests.faults.conftest import OpenLine

MANY = 5
"""More often than the model is asked here."""
ONCE = {
    "chat.conversation": 1,
    "chat.message": 2,
    "chat.turn": 1,
    "chat.daily_use": 1,
    "tasks.task": 1,
    "tasks.tool_call": 1,
}
Way = Literal["key", "item"]
LOCK_TURN = "SELECT 1 FROM chat.turn WHERE user_id = $1 FOR UPDATE"
STATE = "SELECT state FROM chat.turn WHERE user_id = $1"
ENDS_WITHIN_SECONDS = 60.0


@dataclass(frozen=True)
class Victim:
    """A gateway that a test may end, and the line over which its person hears it."""

    process: ManagedProcess
    line: OutageProxy


@dataclass(frozen=True)
class Told:
    """One turn under test: a task is added, then the model says so."""

    user: User
    said: str
    key: str
    view: CheckedView

    @property
    def request(self) -> JsonObject:
        """What is sent."""
        return create_thread(self.said)

    async def send_again(self, client: ChatKitClient, way: Way) -> None:
        """Go on by the key, or by the message that was stored, until the answer is there."""
        if way == "key":
            await run_until_answered(client, self.request, self.view, key=self.key)
            return
        item_id = next(iter(self.view.items))
        request = retry_after_item(str(self.view.thread_id), item_id)
        await repeat_until_done(lambda: client.run(request, self.view))


@pytest.fixture(scope="module")
def gateway_process(stack: Stack, open_line: OpenLine) -> Victim:
    process = stack.add_process("chat-gateway", "gateway-streaming")
    return Victim(process, open_line(int(process.env["PORT"])))


@pytest.fixture
async def victim(gateway_process: Victim) -> Victim:
    """The gateway that this test may end, running."""
    gateway_process.line.resume()
    if not gateway_process.process.alive:
        await asyncio.to_thread(gateway_process.process.restart, ENDS_WITHIN_SECONDS)
    return gateway_process


@pytest.fixture
def turn(alice: User) -> Told:
    """A turn that nobody has sent yet."""
    key = str(uuid4())
    return Told(alice, f"add a task to fetch parcel {key}", key, CheckedView())


async def hold_answer(simulator: Simulator, turn: Told, times: int = 1) -> None:
    """Hold what the model says after its tool, so many times."""
    await simulator.order({"kind": "hang", "match": turn.key, "step": 1, "count": times})


async def state_of(database: DatabaseView, turn: Told) -> str | None:
    """What became of the turn so far."""
    state: str | None = await database.value(STATE, turn.user.user_id)
    return state


async def hear(turn: Told, url: str, until: Callable[[JsonObject], bool]) -> None:
    """Listen, and be cut off or leave after an event. Raises: AssertionError: the stream ended."""
    async with chatkit(url, turn.user).stream(turn.request, key=turn.key) as stream:
        turn.view.begin()
        async for event in stream.events:
            turn.view.fold(event)
            if until(event):
                return
    raise AssertionError("the stream ended before it was cut")


def never(_: JsonObject) -> bool:
    """Listen to all of it."""
    return False


def is_row(event: JsonObject) -> bool:
    """A tool call is shown as done."""
    return "task" in event.get("update", {}) and event["update"]["type"] == "workflow.task.updated"


async def ended_once(stack: Stack, turn: Told, database: DatabaseView, way: Way) -> None:
    """The surviving gateway ends the turn; the person hears it, and nothing is there twice."""
    client = chatkit(stack.urls.gateway, turn.user)
    await turn.send_again(client, way)
    assert turn.key in turn.view.text
    await expect_stored_as_streamed(client, turn.view)
    assert await database.rows_of(turn.user.user_id) == ONCE


async def test_killed_after_the_closing_commit_and_before_its_last_event(
    stack: Stack,
    victim: Victim,
    turn: Told,
    simulator: Simulator,
    database: DatabaseView,
) -> None:
    await hold_answer(simulator, turn)
    hearing = asyncio.create_task(hear(turn, victim.line.url, never))
    await simulator.wait_until_held(turn.key)
    victim.line.hold()
    await simulator.release(turn.key)

    await wait_until("the answer is stored", lambda: is_in(database, turn, "completed"))
    victim.process.kill()
    victim.line.cut()

    with pytest.raises(BROKEN):
        await hearing
    assert turn.view.text == ""
    await ended_once(stack, turn, database, "item")


async def test_killed_after_the_text_was_shown_and_before_the_closing_commit(
    stack: Stack,
    victim: Victim,
    turn: Told,
    simulator: Simulator,
    database: DatabaseView,
    locker: asyncpg.Connection,
) -> None:
    await hold_answer(simulator, turn)
    hearing = asyncio.create_task(hear(turn, victim.line.url, never))
    await simulator.wait_until_held(turn.key)
    async with locker.transaction():
        await locker.execute(LOCK_TURN, turn.user.user_id)
        await simulator.release(turn.key)
        await wait_until("the text is shown", lambda: is_shown(turn))
        victim.process.kill()

    with pytest.raises(BROKEN):
        await hearing
    assert await state_of(database, turn) == "running"
    await ended_once(stack, turn, database, "key")


async def test_told_to_end_it_waits_for_a_turn_whose_reader_has_left(
    victim: Victim, turn: Told, simulator: Simulator, database: DatabaseView
) -> None:
    await hold_answer(simulator, turn, MANY)
    await hear(turn, base_url(victim.process), is_row)
    await simulator.wait_until_held(turn.key)

    os.kill(victim.process.pid, signal.SIGTERM)
    await wait_until("it is ready for nobody", lambda: is_draining(victim))
    assert (victim.process.alive, await state_of(database, turn)) == (True, "running")
    await simulator.release(turn.key)

    await wait_until("it has ended", lambda: is_over(victim))
    assert victim.process.exit_code == 0
    assert await state_of(database, turn) == "completed"
    assert await database.rows_of(turn.user.user_id) == ONCE


async def is_in(database: DatabaseView, turn: Told, state: str) -> bool:
    """Whether the turn has come so far."""
    return await state_of(database, turn) == state


async def is_shown(turn: Told) -> bool:
    """Whether the person sees what was done, in a text that is not stored."""
    return turn.key in turn.view.text


async def is_draining(victim: Victim) -> bool:
    """Whether it takes no more requests."""
    ready, _ = await asyncio.to_thread(probe, victim.process.ready_url)
    return not ready


async def is_over(victim: Victim) -> bool:
    """Whether the process has ended."""
    return not victim.process.alive
