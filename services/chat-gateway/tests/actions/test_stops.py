"""Stops: a request of its own that ends a turn, wherever it runs, and undoes nothing."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from chat_gateway.actions.stops import StopService
from chat_gateway.errors import TurnStopped
from chat_gateway.turns.events import Retracted
from chat_gateway.turns.lease import WATCH_SECONDS
from chat_gateway.turns.runner import TurnContext
from chat_gateway.turns.service import TurnService

from ..equipment.requests import asking, somebody
from ..equipment.running_turns import (
    Told,
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

SLACK_SECONDS = 5.0
"""For a busy machine: a renewal of a third of the lease would be far later."""
RACES = 30


class TestRunning:
    async def test_turn_ends_soon_as_stopped(
        self, service: TurnService, agent: ScriptedAgent, stops: StopService, storage: Storage
    ) -> None:
        running = await run(service, agent)
        began_at = time.monotonic()

        assert await stops.stop(running.stop())

        with pytest.raises(TurnStopped) as raised:
            await running.task
        assert time.monotonic() - began_at < WATCH_SECONDS + SLACK_SECONDS
        (row,) = await storage.turns(running.identity.user_id)
        assert (row["state"], json.loads(row["failure"]), row["lease_expires_at"]) == (
            "failed",
            {"code": "stopped", "retryable": True},
            None,
        )
        assert raised.value.retry_after_seconds is None
        assert raised.value.members is not None
        assert raised.value.members["turn_id"] == str(row["id"])

    @pytest.mark.parametrize(
        ("before", "detail"),
        [
            (nothing, "Nothing was changed."),
            (say_something, "Nothing was changed."),
            (ask_for_milk, "One change may have been made."),
            (add_milk, "1 change was made before that: add task."),
        ],
        ids=["first thought", "text", "call under way", "call done"],
    )
    async def test_problem_says_what_was_done_and_the_same_key_goes_on(
        self,
        service: TurnService,
        agent: ScriptedAgent,
        stops: StopService,
        storage: Storage,
        before: Callable[[TurnContext], Awaitable[None]],
        detail: str,
    ) -> None:
        running = await run(service, agent, before)
        steps = list(agent.contexts[-1].journal.steps)

        await stops.stop(running.stop())

        with pytest.raises(TurnStopped) as raised:
            await running.task
        assert raised.value.detail == (
            f"The turn was stopped. {detail} Your message is kept."
            " Send the request again with the same Idempotency-Key to go on from there."
        )
        agent.script = ScriptedAgent().script
        answer = await service.answer(asking(running.identity, key="key"))
        assert json.loads(answer.body)["turn_id"] == str(running.told.opened.turn_id)
        assert list(agent.contexts[-1].journal.steps) == steps
        assert await storage.count("message", running.identity.user_id) == 2

    async def test_text_that_stands_is_taken_back(
        self, service: TurnService, agent: ScriptedAgent, stops: StopService
    ) -> None:
        running = await run(service, agent, say_something)
        await stops.stop(running.stop())
        with pytest.raises(TurnStopped):
            await running.task
        assert isinstance(running.told.events[-1], Retracted)

    async def test_turn_that_nobody_listens_to_ends_at_its_next_renewal(
        self, service: TurnService, agent: ScriptedAgent, stops: StopService, storage: Storage
    ) -> None:
        gate, identity = Gate(), somebody()
        agent.script = gate
        task = asyncio.create_task(
            replace(service, lease_seconds=1.5).answer(asking(identity, seconds=LIMIT_SECONDS))
        )
        await gate.reached.wait()
        (row,) = await storage.turns(identity.user_id)
        assert await stops.stop(stopping(identity, row["conversation_id"], row["id"]))
        with pytest.raises(TurnStopped):
            await task

    async def test_stopped_turn_writes_nothing_more(
        self, service: TurnService, agent: ScriptedAgent, stops: StopService, storage: Storage
    ) -> None:
        """The stop comes between two writes: the next one already counts no more."""
        identity, told = somebody(), Told()

        async def stop_and_go_on(context: TurnContext) -> str:
            await stops.stop(stopping(identity, told.opened.conversation_id, context.turn_id))
            await context.journal.record_step(step(0, "milk"))
            return "Added milk."

        agent.script = stop_and_go_on
        with pytest.raises(TurnStopped):
            await service.answer(asking(identity, listener=told))
        (row,) = await storage.turns(identity.user_id)
        assert (row["state"], json.loads(row["steps"])) == ("failed", [])
        assert await storage.messages(identity.user_id) == [("user", "hello")]

    async def test_next_message_may_follow_at_once_and_tells_the_model(
        self, service: TurnService, agent: ScriptedAgent, stops: StopService
    ) -> None:
        running = await run(service, agent, add_milk)
        await stops.stop(running.stop())
        agent.script = ScriptedAgent().script

        conversation_id = running.told.opened.conversation_id
        await service.answer(asking(running.identity, "next", conversation_id=conversation_id))

        told = agent.histories[-1][1].content
        assert told.startswith("[No answer was given: the person stopped it. Done before that:")
        with pytest.raises(TurnStopped):
            await running.task

    async def test_turn_that_was_resumed_after_its_stop_is_another_attempts(
        self, service: TurnService, agent: ScriptedAgent, stops: StopService
    ) -> None:
        running = await run(service, agent)
        first = agent.contexts[-1]
        await stops.stop(running.stop())
        with pytest.raises(TurnStopped):
            await running.task
        agent.script = ScriptedAgent().script
        await service.answer(asking(running.identity, key="key"))
        assert agent.contexts[-1].turn_id == first.turn_id
        assert not await stops.stop(running.stop())
