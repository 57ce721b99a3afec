"""A turn that runs elsewhere is told for as long as anybody reads, and counted where it runs."""

import asyncio
from dataclasses import dataclass, field, replace

import pytest
from chat_gateway.errors import ModelUnavailable
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.turns.asking import TurnRequest
from chat_gateway.turns.following import POLL_SECONDS
from chat_gateway.turns.service import TurnService
from prometheus_client import CollectorRegistry

from ..equipment.requests import asking
from ..equipment.running_turns import Running, Told, run
from ..equipment.scripted_agent import Gate, ScriptedAgent, unavailable
from ..equipment.storage import Storage
from ..equipment.waiting import LIMIT_SECONDS, wait_until

SOON_SECONDS = 10 * POLL_SECONDS
"""For a busy machine; far less than any deadline here."""


@dataclass
class Elsewhere:
    """Another process, but for the process: it shares the database alone."""

    service: TurnService
    agent: ScriptedAgent
    registry: CollectorRegistry
    told: Told = field(default_factory=Told)
    reader_gone: bool = False

    async def follow(self, running: Running) -> asyncio.Task[object]:
        """Ask for the running turn by its message, and wait until that is told of."""
        opened = running.told.opened
        request: TurnRequest = asking(
            running.identity,
            conversation_id=opened.conversation_id,
            seconds=LIMIT_SECONDS,
            listener=self.told,
        )
        task: asyncio.Task[object] = asyncio.create_task(
            self.service.answer_after(request, opened.message_id, lambda: self.reader_gone)
        )

        async def told() -> bool:
            return bool(self.told.events) or task.done()

        await wait_until("the turn is told of", told)
        return task

    def counted(self, outcome: str) -> float:
        return counted(self.registry, outcome)


def counted(registry: CollectorRegistry, outcome: str) -> float:
    name = "taskchat_turn_duration_seconds_count"
    return registry.get_sample_value(name, {"outcome": outcome}) or 0


def watched(service: TurnService, agent: ScriptedAgent) -> Elsewhere:
    registry = CollectorRegistry()
    process = replace(service, agent=agent, metrics=GatewayMetrics(registry))
    return Elsewhere(process, agent, registry)


@pytest.fixture
def here(service: TurnService, agent: ScriptedAgent) -> Elsewhere:
    """The process that runs the turn."""
    return watched(service, agent)


@pytest.fixture
def elsewhere(service: TurnService) -> Elsewhere:
    """The one that follows it."""
    return watched(service, ScriptedAgent())


async def test_follow_ends_with_its_reader_and_the_turn_goes_on(
    here: Elsewhere, elsewhere: Elsewhere, storage: Storage
) -> None:
    running = await run(here.service, here.agent)
    following = await elsewhere.follow(running)

    elsewhere.reader_gone = True

    assert await asyncio.wait_for(following, SOON_SECONDS) is None
    assert elsewhere.counted("replayed") == 1
    assert elsewhere.agent.contexts == []
    running.gate.opened.set()
    await running.task
    (row,) = await storage.turns(running.identity.user_id)
    assert (row["state"], row["attempt"]) == ("completed", 1)


async def test_turn_that_was_taken_over_runs_to_its_end_without_the_reader(
    here: Elsewhere, elsewhere: Elsewhere, storage: Storage
) -> None:
    running = await run(here.service, here.agent)
    following, gate = await elsewhere.follow(running), Gate()
    elsewhere.agent.script = gate
    await storage.abandon_turn(running.identity.user_id)
    await asyncio.wait_for(gate.reached.wait(), LIMIT_SECONDS)

    elsewhere.reader_gone = True

    await asyncio.sleep(2 * POLL_SECONDS)  # in which a follow would have ended
    assert not following.done()
    gate.opened.set()
    assert await following is not None
    (row,) = await storage.turns(running.identity.user_id)
    assert (row["state"], row["attempt"]) == ("completed", 2)
    running.gate.opened.set()
    await asyncio.gather(running.task, return_exceptions=True)


async def test_failure_is_counted_where_the_turn_ran_and_nowhere_else(
    here: Elsewhere, elsewhere: Elsewhere
) -> None:
    running = await run(here.service, here.agent, after=unavailable)
    following = await elsewhere.follow(running)
    running.gate.opened.set()
    with pytest.raises(ModelUnavailable):
        await running.task
    with pytest.raises(ModelUnavailable):
        await following

    assert here.counted("model_unavailable") == 1
    assert elsewhere.counted("model_unavailable") == 0
    assert elsewhere.counted("replayed") == 1
