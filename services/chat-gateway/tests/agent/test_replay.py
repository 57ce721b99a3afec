"""Turns that go on from what an earlier attempt recorded, and turns that were taken over."""

from typing import Any

import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.errors import (
    ModelError,
)
from chat_gateway.turns.journal import LeaseLost

from ..equipment.gemini import ScriptedGemini, asks, fails, says
from ..equipment.mcp_tools import ScriptedTools, done
from ..equipment.turns import MemoryJournal, turn


async def test_recorded_steps_and_results_are_not_asked_for_again(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    journal, first = MemoryJournal(), turn()
    context = turn(journal, turn_id=first.turn_id)
    gemini.will(asks(("add_task", {"title": "a"}), ("list_tasks", {}), text="Let me see."))
    gemini.will(asks(("list_tasks", {"status": "all"})), fails(400))
    with pytest.raises(ModelError):
        await agent.run(context, [], "add a, then list")
    died_after = gemini.requests[-1]["messages"]

    gemini.will(says("Done."))
    again = turn(journal, turn_id=first.turn_id)
    assert await agent.run(again, [], "add a, then list") == "Done."

    assert len(tools.calls) == 3
    assert len(gemini.requests) == 4
    assert gemini.requests[-1]["messages"] == died_after


async def test_a_call_without_a_result_is_made_with_its_old_ordinal(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    journal = MemoryJournal()
    gemini.will(asks(("add_task", {"title": "a"}), ("add_task", {"title": "b"})), fails(400))
    with pytest.raises(ModelError):
        await agent.run(turn(journal), [], "a and b")
    del journal.recorded[1]

    gemini.will(says("Done."))
    await agent.run(turn(journal), [], "a and b")

    assert len(tools.calls) == 3
    assert tools.calls[-1]["arguments"]["title"] == "b"
    assert tools.calls[-1]["_meta"]["taskchat/idempotency-key"]["ordinal"] == 1


async def test_a_lost_lease_stops_the_turn_before_any_tool_runs(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    gemini.will(asks(("add_task", {"title": "a"})))

    with pytest.raises(LeaseLost):
        await agent.run(turn(MemoryJournal(lost=True)), [], "a")
    assert tools.calls == []


async def test_a_lease_lost_while_a_tool_ran_stops_the_turn(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    journal = MemoryJournal()

    async def lose(params: dict[str, Any]) -> Any:
        journal.lost = True
        return done({"task": {}})

    tools.answer = lose
    gemini.will(asks(("add_task", {"title": "a"})))

    with pytest.raises(LeaseLost):
        await agent.run(turn(journal), [], "a")
    assert len(gemini.requests) == 1
