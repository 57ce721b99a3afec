"""The budget of a day: what is refused, what is counted, and what is counted once."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from chat_gateway.actions.stops import StopRequest, StopService
from chat_gateway.errors import BudgetUsedUp, ModelUnavailable, TurnStopped
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.turns.budget import Budget
from chat_gateway.turns.budget_repository import FREE_ATTEMPTS
from chat_gateway.turns.chat_answer import TurnAnswer
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.rows import DailyLimits
from chat_gateway.turns.runner import TurnContext
from chat_gateway.turns.service import TurnService
from prometheus_client import CollectorRegistry
from servicekit import clock
from servicekit.tokens.claims import Identity

from ..equipment.requests import asking, conversation_of, somebody
from ..equipment.scripted_agent import Gate, ScriptedAgent, say_hello, unavailable
from ..equipment.storage import Storage

AT_ONCE = 20
KINDS = ("turns", "model_tokens")


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def limited(service: TurnService, registry: CollectorRegistry, limits: DailyLimits) -> TurnService:
    """A process that holds people to limits."""
    return replace(service, budget=Budget(GatewayMetrics(registry), limits))


async def thoughtful(context: TurnContext) -> str:
    """Answer after 100 tokens."""
    context.usage.input_tokens += 70
    context.usage.output_tokens += 30
    return "Hello!"


async def used(storage: Storage, identity: Identity) -> tuple[int, int]:
    """Turns and tokens of today."""
    (row,) = await storage.rows(
        "SELECT turns, model_tokens FROM chat.daily_use WHERE user_id = $1"
        " AND day = (now() AT TIME ZONE 'UTC')::date",
        identity.user_id,
    )
    return row["turns"], row["model_tokens"]


def ran_out(registry: CollectorRegistry) -> list[float | None]:
    """How many people's budgets came to their end, of both kinds."""
    name = "taskchat_budgets_used_up_total"
    return [registry.get_sample_value(name, {"budget": kind}) for kind in KINDS]


class TestUsedUp:
    @pytest.mark.parametrize("limits", [DailyLimits(turns=1), DailyLimits(model_tokens=100)])
    async def test_message_is_refused_until_midnight_and_leaves_nothing(
        self,
        service: TurnService,
        agent: ScriptedAgent,
        storage: Storage,
        registry: CollectorRegistry,
        limits: DailyLimits,
    ) -> None:
        service, identity = limited(service, registry, limits), somebody()
        agent.script = thoughtful
        first = await service.answer(asking(identity))
        tables = ("conversation", "message", "turn", "daily_use")
        before = [await storage.count(table, identity.user_id) for table in tables]

        for conversation_id in (None, conversation_of(first)):
            with pytest.raises(BudgetUsedUp) as refused:
                await service.answer(asking(identity, conversation_id=conversation_id))

        midnight = datetime.combine(clock.now().date() + timedelta(days=1), datetime.min.time())
        seconds = (midnight.replace(tzinfo=UTC) - clock.now()).total_seconds()
        assert refused.value.retry_after_seconds == pytest.approx(seconds, abs=5)
        assert "00:00 UTC" in str(refused.value.detail)
        assert [await storage.count(table, identity.user_id) for table in tables] == before
        assert await used(storage, identity) == (1, 100)
        assert len(agent.contexts) == 1

    async def test_of_many_at_once_no_more_than_are_left_are_answered(
        self,
        service: TurnService,
        agent: ScriptedAgent,
        storage: Storage,
        registry: CollectorRegistry,
    ) -> None:
        service, identity = limited(service, registry, DailyLimits(turns=7)), somebody()
        outcomes = await asyncio.gather(
            *(service.answer(asking(identity)) for _ in range(AT_ONCE)), return_exceptions=True
        )
        answered = [outcome for outcome in outcomes if isinstance(outcome, TurnAnswer)]
        assert len(answered) == 7
        assert [type(outcome) for outcome in outcomes if outcome not in answered] == [
            BudgetUsedUp
        ] * (AT_ONCE - 7)
        assert await used(storage, identity) == (7, 0)
        assert ran_out(registry) == [1, 0]

    async def test_failed_turn_does_not_go_on_without_tokens(
        self,
        service: TurnService,
        agent: ScriptedAgent,
        storage: Storage,
        registry: CollectorRegistry,
    ) -> None:
        async def fail(context: TurnContext) -> str:
            await thoughtful(context)
            return await unavailable(context)

        service, identity = limited(service, registry, DailyLimits(model_tokens=100)), somebody()
        agent.script = fail
        with pytest.raises(ModelUnavailable):
            await service.answer(asking(identity, key="key"))
        with pytest.raises(BudgetUsedUp):
            await service.answer(asking(identity, key="key"))

        (turn,) = await storage.turns(identity.user_id)
        assert (turn["state"], turn["attempt"]) == ("failed", 1)
        assert ran_out(registry) == [0, 1]

    async def test_other_people_and_other_days_are_not_minded(
        self,
        service: TurnService,
        storage: Storage,
        registry: CollectorRegistry,
    ) -> None:
        service, identity = limited(service, registry, DailyLimits(turns=1)), somebody()
        await service.answer(asking(identity))
        await service.answer(asking(somebody()))
        await storage.rows(
            "UPDATE chat.daily_use SET day = day - 1 WHERE user_id = $1", identity.user_id
        )
        await service.answer(asking(identity))
        assert await used(storage, identity) == (1, 0)


class TestCountedOnce:
    async def test_replayed_and_resumed_turns_are_one_turn(
        self,
        service: TurnService,
        agent: ScriptedAgent,
        storage: Storage,
        registry: CollectorRegistry,
    ) -> None:
        service, identity = limited(service, registry, DailyLimits(turns=1)), somebody()
        agent.script = unavailable
        with pytest.raises(ModelUnavailable):
            await service.answer(asking(identity, key="key"))
        agent.script = thoughtful
        assert not (await service.answer(asking(identity, key="key"))).replayed
        assert (await service.answer(asking(identity, key="key"))).replayed
        assert await used(storage, identity) == (1, 100)

    async def test_attempts_beyond_a_few_count_as_turns(
        self,
        service: TurnService,
        agent: ScriptedAgent,
        storage: Storage,
        registry: CollectorRegistry,
    ) -> None:
        """A request to the model that was given up tells no tokens: to fail must not be free."""
        service, identity = limited(service, registry, DailyLimits(turns=3)), somebody()
        agent.script = unavailable
        counted = []
        for _ in range(FREE_ATTEMPTS + 2):
            with pytest.raises(ModelUnavailable):
                await service.answer(asking(identity, key="key"))
            counted.append((await used(storage, identity))[0])
        with pytest.raises(BudgetUsedUp, match="messages and clicks"):
            await service.answer(asking(identity, key="key"))

        assert counted == [1] * FREE_ATTEMPTS + [2, 3]
        assert await used(storage, identity) == (3, 0)
        (turn,) = await storage.turns(identity.user_id)
        assert (turn["state"], turn["attempt"]) == ("failed", FREE_ATTEMPTS + 2)
        assert ran_out(registry) == [1, 0]

    async def test_stopped_turn_has_used_what_it_used(
        self,
        service: TurnService,
        agent: ScriptedAgent,
        storage: Storage,
    ) -> None:
        gate, identity = Gate(), somebody()

        async def wait(context: TurnContext) -> str:
            await thoughtful(context)
            return await gate(context)

        agent.script = wait
        turn = asyncio.create_task(service.answer(asking(identity)))
        await gate.reached.wait()
        (row,) = await storage.turns(identity.user_id)
        stops = StopService(service.database, service.metrics)
        await stops.stop(
            StopRequest(identity, row["conversation_id"], row["id"], Deadline.after(10))
        )
        gate.opened.set()
        with pytest.raises(TurnStopped):
            await turn
        assert await used(storage, identity) == (1, 100)

    async def test_answered_turn_has_used_what_its_attempts_used(
        self, service: TurnService, agent: ScriptedAgent, storage: Storage
    ) -> None:
        identity = somebody()
        agent.script = thoughtful
        first = json.loads((await service.answer(asking(identity))).body)
        agent.script = say_hello
        await service.answer(asking(identity))
        assert first["response"] == "Hello!"
        assert await used(storage, identity) == (2, 100)
