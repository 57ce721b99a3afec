"""The model reads `t1` where clients, journal and tools have the id of a task."""

from typing import Any

import orjson
import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.errors import ModelError

from ..equipment.gemini import ScriptedGemini, asks, fails, says
from ..equipment.mcp_tools import ScriptedTools, done
from ..equipment.turns import MemoryJournal, turn

MILK, EGGS, BREAD = (f"01a224cc-98a6-70f9-8fbc-2bd03a65ab0{n}" for n in range(3))


@pytest.fixture(autouse=True)
def listed(tools: ScriptedTools) -> None:
    """Two tasks to list, and a third one that is added."""

    async def answer(params: dict[str, Any]) -> Any:
        match params["name"]:
            case "list_tasks":
                listed = [{"id": EGGS, "title": EGGS}, {"id": MILK, "title": "milk"}]
                return done({"tasks": listed, "total": 2, "next_cursor": None})
            case "add_task":
                return done({"task": {"id": BREAD, "title": "bread"}})
        return done({"task": {"id": params["arguments"]["task_id"]}})

    tools.answer = answer


async def test_each_task_has_one_handle_and_its_id_goes_to_the_tool(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    journal = MemoryJournal()
    gemini.will(asks(("list_tasks", {}), ("add_task", {"title": "bread"}), ("list_tasks", {})))
    gemini.will(asks(("complete_task", {"task_id": "t2"}), ("delete_task", {"task_id": " #T3`"})))
    gemini.will(says("Done."))

    assert await agent.run(turn(journal), [], "add bread, tick milk, no bread") == "Done."

    told = [orjson.loads(one["content"]) for one in gemini.requests[1]["messages"][-3:]]
    assert [task["id"] for task in told[0]["tasks"]] == ["t1", "t2"]
    assert told[0]["tasks"][0]["title"] == EGGS, "a title stays as it is"
    assert told[1]["task"]["id"] == "t3"
    assert told[2] == told[0]
    assert [call["arguments"].get("task_id") for call in tools.calls[3:]] == [MILK, BREAD]
    assert [result.arguments.get("task_id") for result in journal.results[3:]] == [MILK, BREAD]
    assert journal.results[0].output is not None
    assert orjson.loads(orjson.dumps(journal.results[0].output))["tasks"][0]["id"] == EGGS
    said = gemini.requests[2]["messages"][-3]["tool_calls"][0]["function"]["arguments"]
    assert orjson.loads(said) == {"task_id": "t2"}


async def test_a_resumed_turn_gives_the_same_handles(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    journal = MemoryJournal()
    gemini.will(asks(("add_task", {"title": "bread"}), ("list_tasks", {})), fails(400))
    with pytest.raises(ModelError):
        await agent.run(turn(journal), [], "add bread, tick milk")

    gemini.will(asks(("complete_task", {"task_id": "t3"})), says("Done."))
    await agent.run(turn(journal), [], "add bread, tick milk")

    assert gemini.requests[2]["messages"] == gemini.requests[1]["messages"]
    assert tools.calls[-1]["arguments"]["task_id"] == MILK


@pytest.mark.parametrize("given", [MILK, "t9", "milk", 7, None])
async def test_what_is_no_handle_goes_to_the_tool_as_it_is(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, given: Any
) -> None:
    gemini.will(asks(("list_tasks", {})), asks(("complete_task", {"task_id": given})), says("?"))

    await agent.run(turn(), [], "tick it")

    assert tools.calls[1]["arguments"]["task_id"] == given
