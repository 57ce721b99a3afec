"""Stops that find nothing to stop: over, somebody else's, or no turn."""

import asyncio
import json
from dataclasses import replace
from uuid import UUID

import pytest
from chat_gateway.actions.clicks import ClickService
from chat_gateway.actions.stops import StopService
from chat_gateway.errors import ConversationNotFound, InvalidRequest, TurnStopped
from chat_gateway.turns.chat_answer import TurnAnswer
from chat_gateway.turns.service import TurnService
from prometheus_client import CollectorRegistry
from servicekit.identifiers import new_id

from ..equipment.requests import asking, clicking, conversation_of, somebody
from ..equipment.running_turns import (
    Told,
    run,
    stopping,
)
from ..equipment.scripted_agent import ScriptedAgent
from ..equipment.storage import Storage

SLACK_SECONDS = 5.0
"""For a busy machine: a renewal of a third of the lease would be far later."""
RACES = 30


class TestOver:
    async def test_answer_of_a_completed_turn_stands(
        self, service: TurnService, stops: StopService, storage: Storage
    ) -> None:
        told, identity = Told(), somebody()
        answer = await service.answer(asking(identity, key="key", listener=told))
        opened = told.opened
        assert not await stops.stop(stopping(identity, opened.conversation_id, opened.turn_id))
        again = await service.answer(asking(identity, key="key"))
        assert (again.body, again.replayed) == (answer.body, True)

    async def test_second_stop_does_nothing(
        self,
        service: TurnService,
        agent: ScriptedAgent,
        stops: StopService,
        registry: CollectorRegistry,
    ) -> None:
        running = await run(service, agent)
        stopped = await asyncio.gather(*(stops.stop(running.stop()) for _ in range(5)))
        assert sorted(stopped) == [False] * 4 + [True]
        with pytest.raises(TurnStopped):
            await running.task

        def counted(result: str) -> float | None:
            return registry.get_sample_value("taskchat_turn_stops_total", {"result": result})

        assert (counted("stopped"), counted("over")) == (1, 4)

    async def test_of_a_stop_and_the_closing_commit_one_wins(
        self, service: TurnService, agent: ScriptedAgent, stops: StopService, storage: Storage
    ) -> None:
        won = set()
        for number in range(RACES):
            running = await run(service, agent)
            # Sweeps the stop over the closing transaction, from well before it to well after.
            ahead = (4 - number % 10) / 1000
            asyncio.get_running_loop().call_later(max(ahead, 0), running.gate.opened.set)
            await asyncio.sleep(max(-ahead, 0))
            stopped = await stops.stop(running.stop())
            (outcome,) = await asyncio.gather(running.task, return_exceptions=True)
            (row,) = await storage.turns(running.identity.user_id)
            roles = [role for role, _ in await storage.messages(running.identity.user_id)]
            if stopped:
                assert isinstance(outcome, TurnStopped)
                assert (row["state"], roles) == ("failed", ["user"])
            else:
                assert isinstance(outcome, TurnAnswer)
                assert (row["answer"], roles) == (outcome.body, ["user", "assistant"])
            won.add(stopped)
        assert won == {True, False}, "the race was never close"


class TestWhose:
    async def test_strangers_turn_goes_on(
        self, service: TurnService, agent: ScriptedAgent, stops: StopService
    ) -> None:
        running = await run(service, agent)
        stranger = somebody()
        with pytest.raises(ConversationNotFound):
            await stops.stop(replace(running.stop(), identity=stranger))
        agent.script = ScriptedAgent().script
        theirs = conversation_of(await service.answer(asking(stranger)))
        with pytest.raises(InvalidRequest) as of_another:
            await stops.stop(stopping(stranger, theirs, running.told.opened.turn_id))
        with pytest.raises(InvalidRequest) as of_nobody:
            await stops.stop(stopping(stranger, theirs, new_id()))
        assert of_another.value.errors == of_nobody.value.errors
        running.gate.opened.set()
        await running.task

    async def test_turn_of_another_conversation_is_not_found_in_this_one(
        self, service: TurnService, agent: ScriptedAgent, stops: StopService
    ) -> None:
        running = await run(service, agent)
        agent.script = ScriptedAgent().script
        other = conversation_of(await service.answer(asking(running.identity)))
        with pytest.raises(InvalidRequest):
            await stops.stop(replace(running.stop(), conversation_id=other))
        running.gate.opened.set()
        await running.task

    async def test_click_is_no_turn_to_stop(
        self, service: TurnService, clicks: ClickService, stops: StopService
    ) -> None:
        identity = somebody()
        conversation_id = conversation_of(await service.answer(asking(identity)))
        click = await clicks.answer(clicking(identity, conversation_id=conversation_id))
        turn_id = UUID(json.loads(click.body)["turn_id"])
        with pytest.raises(InvalidRequest):
            await stops.stop(stopping(identity, conversation_id, turn_id))
