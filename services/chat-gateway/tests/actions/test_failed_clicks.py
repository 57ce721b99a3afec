"""Clicks that come to nothing: what they say, and what the same key does then."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from chat_gateway.actions.clicks import ClickService
from chat_gateway.errors import BudgetUsedUp, DeadlineExceeded, ToolsUnavailable
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.turns.budget import Budget
from chat_gateway.turns.rows import DailyLimits
from chat_gateway.turns.runner import TurnContext
from chat_gateway.turns.service import TurnService

from ..equipment.mcp_tools import ScriptedTools, failed
from ..equipment.requests import asking, clicking, somebody
from ..equipment.scripted_agent import ScriptedAgent
from ..equipment.storage import Storage
from ..equipment.waiting import wait_until

KEY = "taskchat/idempotency-key"


async def test_tools_that_are_away_are_a_problem_that_tells_how_far_it_came(
    clicks: ClickService, tools: ScriptedTools, storage: Storage
) -> None:
    async def away(_: dict[str, Any]) -> Any:
        return failed("unavailable")

    tools.answer, identity = away, somebody()
    with pytest.raises(ToolsUnavailable) as raised:
        await clicks.answer(clicking(identity, key="key"))
    (row,) = await storage.turns(identity.user_id)
    assert json.loads(row["failure"]) == {"code": "tools_unavailable", "retryable": True}
    assert raised.value.members == {
        "conversation_id": None,
        "turn_id": str(row["id"]),
        "tool_calls": [],
    }
    assert raised.value.detail == (
        "The task tools cannot be reached now. One change may have been made."
        " Send the request again with the same Idempotency-Key to go on from there."
    )

    tools.answer = ScriptedTools()._do
    answer = await clicks.answer(clicking(identity, key="key"))

    assert not answer.replayed
    keys = {json.dumps(call["_meta"][KEY]) for call in tools.calls}
    assert len(keys) == 1, "a click that was resumed asked under another key"


async def test_tools_that_were_never_reached_changed_nothing(
    clicks: ClickService, tools: ScriptedTools
) -> None:
    async def away(_: dict[str, Any]) -> Any:
        raise ConnectionError

    tools.listing = away
    with pytest.raises(ToolsUnavailable) as raised:
        await clicks.answer(clicking(somebody(), seconds=3))
    assert raised.value.detail is not None
    assert raised.value.detail.endswith("Nothing was changed. You can ask again.")


async def test_deadline_ends_a_click_that_can_be_resumed(
    clicks: ClickService, tools: ScriptedTools, storage: Storage
) -> None:
    async def hang(_: dict[str, Any]) -> Any:
        await asyncio.Event().wait()

    tools.answer, identity = hang, somebody()
    with pytest.raises(DeadlineExceeded):
        await clicks.answer(clicking(identity, key="key", seconds=1))
    (row,) = await storage.turns(identity.user_id)
    assert json.loads(row["failure"])["code"] == "deadline_exceeded"
    tools.answer = ScriptedTools()._do
    assert not (await clicks.answer(clicking(identity, key="key"))).replayed


async def test_click_that_is_cut_off_gives_its_lease_back(
    clicks: ClickService, tools: ScriptedTools, storage: Storage
) -> None:
    async def hang(_: dict[str, Any]) -> Any:
        await asyncio.Event().wait()

    tools.answer, identity = hang, somebody()
    click = asyncio.create_task(clicks.answer(clicking(identity)))

    async def called() -> bool:
        return bool(tools.calls)

    await wait_until("the call is made", called)
    click.cancel()
    with pytest.raises(asyncio.CancelledError):
        await click
    (row,) = await storage.turns(identity.user_id)
    assert json.loads(row["failure"])["code"] == "interrupted"


async def test_click_over_the_days_turns_is_refused_and_calls_nothing(
    clicks: ClickService, tools: ScriptedTools, storage: Storage, metrics: GatewayMetrics
) -> None:
    limited, identity = replace(clicks, budget=Budget(metrics, DailyLimits(turns=1))), somebody()
    await limited.answer(clicking(identity))
    with pytest.raises(BudgetUsedUp, match="messages and clicks"):
        await limited.answer(clicking(identity))
    assert (len(tools.calls), await storage.count("turn", identity.user_id)) == (1, 1)


async def test_click_costs_no_tokens_and_needs_none(
    clicks: ClickService, service: TurnService, agent: ScriptedAgent, metrics: GatewayMetrics
) -> None:
    async def think(context: TurnContext) -> str:
        context.usage.output_tokens += 1
        return "Hello!"

    budget, identity = Budget(metrics, DailyLimits(model_tokens=1)), somebody()
    agent.script = think
    talking = replace(service, budget=budget)
    await talking.answer(asking(identity))
    with pytest.raises(BudgetUsedUp, match="still be changed by hand"):
        await talking.answer(asking(identity))
    await replace(clicks, budget=budget.without_model()).answer(clicking(identity))
