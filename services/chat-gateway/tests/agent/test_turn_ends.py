"""A turn ends in words, however many calls the model makes and however long it goes on."""

import orjson
import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.errors import ModelUnavailable

from ..equipment.gemini import Reply, ScriptedGemini, asks, fails, says
from ..equipment.mcp_tools import ScriptedTools
from ..equipment.turns import MemoryJournal, turn

MAX_STEPS, MAX_CALLS = 4, 100  # of the `agent` fixture


@pytest.mark.parametrize("count", [33, 100])
async def test_a_page_of_calls_in_one_answer_runs(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, count: int
) -> None:
    gemini.will(asks(*[("complete_task", {"task_id": str(n)}) for n in range(count)]), says("Ok."))

    assert await agent.run(turn(seconds=20), [], "complete all") == "Ok."
    assert len(tools.calls) == count


async def test_calls_beyond_are_answered_not_run_and_are_not_recorded(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    journal = MemoryJournal()
    gemini.will(asks(*[("complete_task", {"task_id": str(n)}) for n in range(130)]))
    gemini.will(says("A hundred are done."))

    assert await agent.run(turn(journal, seconds=20), [], "complete all") == "A hundred are done."

    assert len(tools.calls) == len(journal.results) == MAX_CALLS
    assert "tools" not in gemini.requests[1]
    assert "no more tools" in gemini.requests[1]["messages"][0]["content"]
    _, _, asked, *answered = gemini.requests[1]["messages"]
    assert len(asked["tool_calls"]) == len(answered) == 130
    assert [one["tool_call_id"] for one in answered] == [one["id"] for one in asked["tool_calls"]]
    codes = [orjson.loads(one["content"]).get("error", {}).get("code") for one in answered]
    assert codes == [None] * MAX_CALLS + ["not_run"] * 30


async def test_calls_of_all_answers_of_a_turn_are_counted_together(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    page = asks(*[("complete_task", {"task_id": str(n)}) for n in range(60)])
    gemini.will(page, page, says("A hundred are done."))

    assert await agent.run(turn(seconds=20), [], "complete all") == "A hundred are done."

    assert len(tools.calls) == MAX_CALLS
    ordinals = [call["_meta"]["taskchat/idempotency-key"]["ordinal"] for call in tools.calls]
    assert sorted(ordinals) == list(range(MAX_CALLS))


async def test_turn_that_goes_on_has_the_calls_that_are_left(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    journal = MemoryJournal()
    gemini.will(asks(*[("complete_task", {"task_id": str(n)}) for n in range(130)]))
    gemini.will(*[fails(503)] * 3)
    with pytest.raises(ModelUnavailable):
        await agent.run(turn(journal, seconds=20), [], "complete all")

    gemini.will(says("A hundred are done."))
    assert await agent.run(turn(journal, seconds=20), [], "complete all") == "A hundred are done."
    assert len(tools.calls) == MAX_CALLS


async def test_at_the_limit_of_steps_the_model_is_asked_once_without_tools(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    gemini.will(*[asks(("add_task", {"title": str(n)})) for n in range(MAX_STEPS)])
    gemini.will(says("Four are added; say so if you want more."))

    answer = await agent.run(turn(), [], "add many")

    assert answer == "Four are added; say so if you want more."
    assert len(tools.calls) == MAX_STEPS
    *others, last = gemini.requests
    assert all("tools" in one for one in others)
    assert "tools" not in last
    assert "no more tools" in last["messages"][0]["content"]


@pytest.mark.parametrize(
    "unusable",
    [
        [asks(("add_task", {"title": "again"}))] * 2,
        [says('add_task(title="again")')] * 2,
        [says(None, finish_reason="content_filter")],
    ],
    ids=["calls", "calls in words", "filtered"],
)
async def test_a_model_that_calls_tools_without_having_any_is_reported_for(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, unusable: list[Reply]
) -> None:
    journal = MemoryJournal()
    gemini.will(*[asks(("add_task", {"title": "again"}))] * MAX_STEPS, *unusable)

    answer = await agent.run(turn(journal), [], "add many")

    assert answer == (
        "This took more steps than one message may take. 4 changes were made: add task (4). "
        "Ask for your list to see how far it came, then for what is left."
    )
    assert len(tools.calls) == MAX_STEPS


async def test_a_turn_that_failed_at_its_last_answer_is_asked_for_it_again(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    journal = MemoryJournal()
    gemini.will(*[asks(("list_tasks", {}))] * MAX_STEPS, *[fails(503)] * 3)
    with pytest.raises(ModelUnavailable):
        await agent.run(turn(journal), [], "hi")

    gemini.will(says("There you are."))
    assert await agent.run(turn(journal), [], "hi") == "There you are."
    assert len(tools.calls) == MAX_STEPS
