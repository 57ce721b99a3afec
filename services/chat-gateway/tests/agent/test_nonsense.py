"""Answers of the model that cannot be used."""

import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.errors import (
    ModelError,
)
from prometheus_client import CollectorRegistry

from ..equipment.gemini import Reply, ScriptedGemini, asks, says
from ..equipment.mcp_tools import ScriptedTools
from ..equipment.turns import MemoryJournal, turn


@pytest.mark.parametrize(
    "nonsense",
    [
        asks(("drop_table", {})),
        asks(("add_task", "not json")),
        asks(("add_task", "[1]")),
        asks(("add_task", '{"title": NaN}')),
        asks(("add_task", '{"title": "a\\u0000b"}')),
        asks(("add_task", '{"title": "\\ud800"}')),
        asks(*[("add_task", {"title": "again"})] * 33),
        says(None),
        says("  \n"),
        says("a\0b"),
        Reply(b'{"choices": [{"message": {"content": "\\ud800"}}]}'),
        Reply(b"<html>surely not</html>", content_type="text/html"),
        Reply(b"{not json"),
        Reply(b"[]"),
        Reply(b"{}"),
        Reply(b'{"choices": []}'),
        Reply(b'{"choices": [{"message": null}]}'),
        Reply(b'{"choices": [{"message": {"tool_calls": [{"type": "function"}]}}]}'),
        Reply(b'{"choices": [{"finish_reason": "length", "message": {"role": "assistant"}}]}'),
    ],
)
async def test_nonsense_is_asked_again_once_and_never_recorded(
    agent: TaskAgent,
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    registry: CollectorRegistry,
    nonsense: Reply,
) -> None:
    journal = MemoryJournal()
    gemini.will(nonsense, says("Here I am."))

    assert await agent.run(turn(journal), [], "hi") == "Here I am."
    labels = {"gen_ai_request_model": "gemini-2.5-flash", "reason": "nonsense"}
    assert registry.get_sample_value("taskchat_model_retries_total", labels) == 1
    assert (journal.steps, tools.calls, len(gemini.requests)) == ([], [], 2)

    gemini.will(nonsense, nonsense)
    with pytest.raises(ModelError):
        await agent.run(turn(journal), [], "hi")
    assert (journal.steps, tools.calls, len(gemini.requests)) == ([], [], 4)


async def test_a_refusal_is_not_asked_again(agent: TaskAgent, gemini: ScriptedGemini) -> None:
    gemini.will(says(None, refusal="I will not."))

    with pytest.raises(ModelError):
        await agent.run(turn(), [], "hi")
    assert len(gemini.requests) == 1


async def test_a_model_that_never_ends_is_a_model_error(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    gemini.will(*[asks(("list_tasks", {}))] * 4)

    with pytest.raises(ModelError):
        await agent.run(turn(), [], "hi")
    assert len(gemini.requests) == 4
