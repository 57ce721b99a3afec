"""A turn is stopped and its thread deleted before it notices: it says that the thread is gone."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from chat_gateway.actions.stops import StopService
from chat_gateway.chatkit.threads import ThreadService
from chat_gateway.errors import ConversationNotFound
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.events import Retracted
from chat_gateway.turns.runner import TurnContext
from chat_gateway.turns.service import TurnService
from chatkit.types import ThreadDeleteParams, ThreadsDeleteReq

from ..equipment.requests import asking, somebody
from ..equipment.running_turns import (
    Running,
    add_milk,
    ask_for_milk,
    nothing,
    run,
    say_something,
    stopping,
)
from ..equipment.scripted_agent import Gate, ScriptedAgent, step
from ..equipment.storage import Storage
from ..equipment.waiting import LIMIT_SECONDS


async def stop_and_delete(stops: StopService, running: Running) -> None:
    """One after the other, and faster than the turn looks at its lease."""
    stop = running.stop()
    assert await stops.stop(stop)
    params = ThreadDeleteParams(thread_id=str(stop.conversation_id))
    threads = ThreadService(stops.database)
    await threads.answer(
        running.identity.user_id, ThreadsDeleteReq(params=params), Deadline.after(LIMIT_SECONDS)
    )


@pytest.mark.parametrize(
    ("before", "detail", "calls"),
    [
        (nothing, "Nothing was changed.", 0),
        (say_something, "Nothing was changed.", 0),
        (ask_for_milk, "One change may have been made.", 0),
        (add_milk, "1 change was made before that: add task.", 1),
    ],
    ids=["first thought", "text", "call under way", "call done"],
)
async def test_turn_says_what_was_done_and_promises_nothing(
    service: TurnService,
    agent: ScriptedAgent,
    stops: StopService,
    before: Callable[[TurnContext], Awaitable[None]],
    detail: str,
    calls: int,
) -> None:
    running = await run(service, agent, before)

    await stop_and_delete(stops, running)

    with pytest.raises(ConversationNotFound) as raised:
        await running.task
    assert raised.value.detail == f"You have deleted this conversation. {detail}"
    opened, members = running.told.opened, raised.value.members
    assert members is not None
    assert members["turn_id"] == str(opened.turn_id)
    assert members["conversation_id"] == str(opened.conversation_id)
    assert isinstance(told := members["tool_calls"], list)
    assert len(told) == calls


async def test_text_is_taken_back(
    service: TurnService, agent: ScriptedAgent, stops: StopService
) -> None:
    running = await run(service, agent, say_something)
    await stop_and_delete(stops, running)
    with pytest.raises(ConversationNotFound):
        await running.task
    assert isinstance(running.told.events[-1], Retracted)


@pytest.mark.parametrize("then", ["answers", "calls"])
async def test_next_write_finds_it_gone(
    service: TurnService, agent: ScriptedAgent, stops: StopService, storage: Storage, then: str
) -> None:
    async def go_on(context: TurnContext) -> None:
        await stop_and_delete(stops, running)
        if then == "calls":
            await context.journal.record_step(step(0, "milk"))

    running = await run(service, agent, after=go_on)
    running.gate.opened.set()
    with pytest.raises(ConversationNotFound):
        await running.task
    assert await storage.turns(running.identity.user_id) == []


async def test_turn_that_nobody_listens_to_finds_it_gone_at_its_next_renewal(
    service: TurnService, agent: ScriptedAgent, stops: StopService, storage: Storage
) -> None:
    gate, identity = Gate(), somebody()
    agent.script = gate
    task = asyncio.create_task(
        replace(service, lease_seconds=1.5).answer(asking(identity, seconds=LIMIT_SECONDS))
    )
    await gate.reached.wait()
    (row,) = await storage.turns(identity.user_id)
    assert await stops.stop(stopping(identity, row["conversation_id"], row["id"]))
    params = ThreadDeleteParams(thread_id=str(row["conversation_id"]))
    await ThreadService(stops.database).answer(
        identity.user_id, ThreadsDeleteReq(params=params), Deadline.after(LIMIT_SECONDS)
    )
    with pytest.raises(ConversationNotFound):
        await task
