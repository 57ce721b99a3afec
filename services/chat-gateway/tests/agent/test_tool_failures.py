"""Tool calls that get no result, and runs that end while some are under way."""

import asyncio
from typing import Any

import orjson
import pytest
from aiohttp import web
from chat_gateway.agent.run import TaskAgent
from chat_gateway.errors import DeadlineExceeded, ToolsUnavailable
from chat_gateway.turns.journal import ToolResult

from ..equipment.gemini import ScriptedGemini, asks, says
from ..equipment.mcp_tools import ScriptedTools, done, failed
from ..equipment.turns import MemoryJournal, turn


class SlowJournal(MemoryJournal):
    """Waits for a lock until it is cut off, and then takes its time to roll back."""

    began = False
    rolled_back = False

    async def record_result(self, result: ToolResult) -> None:
        self.began = True
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            self.rolled_back = True


async def ended(tools: ScriptedTools) -> None:
    """Wait until the tools' side has seen every call end."""
    async with asyncio.timeout(2):
        await tools.idle.wait()


def assert_nothing_runs_on(before: set[asyncio.Task[Any]]) -> None:
    """No task of the run is left; the servers' own connections may be."""
    left = [task for task in asyncio.all_tasks() - before if not task.done()]
    names = [getattr(task.get_coro(), "__qualname__", "?") for task in left]
    assert [name for name in names if not name.startswith("RequestHandler")] == []


async def test_a_lost_answer_is_asked_again_with_the_same_key(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    attempts = 0

    async def flaky(params: dict[str, Any]) -> Any:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            return web.Response(status=503)
        return failed("unavailable") if attempts == 2 else done({"task": {}})

    tools.answer = flaky
    journal = MemoryJournal()
    gemini.will(asks(("add_task", {"title": "a"})), says("ok"))

    await agent.run(turn(journal), [], "a")

    assert len({orjson.dumps(call["_meta"]) for call in tools.calls}) == 1
    assert [result.status for result in journal.results] == ["ok"]


@pytest.mark.parametrize("status", [401, 403, 404, 422])
async def test_a_refused_call_fails_the_turn_and_is_logged_as_an_error(
    agent: TaskAgent,
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    status: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def refuse(params: dict[str, Any]) -> Any:
        return web.Response(status=status)

    tools.answer = refuse
    journal = MemoryJournal()
    gemini.will(asks(("add_task", {"title": "a"})))

    with pytest.raises(ToolsUnavailable):
        await agent.run(turn(journal), [], "a")

    assert len(tools.calls) == 1
    assert journal.results == []
    assert [one.name for one in caplog.records if one.levelname == "ERROR"] == [
        "chat_gateway.tools.facade"
    ]


async def test_unavailable_three_times_fails_the_turn_and_records_no_result(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    async def unavailable(params: dict[str, Any]) -> Any:
        return failed("unavailable")

    tools.answer = unavailable
    journal = MemoryJournal()
    gemini.will(asks(("add_task", {"title": "a"})))

    with pytest.raises(ToolsUnavailable):
        await agent.run(turn(journal), [], "a")
    assert (len(tools.calls), len(journal.steps), journal.results) == (3, 1, [])


async def test_when_one_call_fails_its_siblings_have_ended_too(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    other_runs = asyncio.Event()

    async def answer(params: dict[str, Any]) -> Any:
        if params["arguments"]["cursor"] == "hangs":
            other_runs.set()
            await asyncio.Event().wait()
        await other_runs.wait()
        return web.Response(status=400)

    tools.answer = answer
    journal = MemoryJournal()
    gemini.will(asks(("list_tasks", {"cursor": "hangs"}), ("list_tasks", {"cursor": "fails"})))

    before = asyncio.all_tasks()
    with pytest.raises(ToolsUnavailable):
        await agent.run(turn(journal), [], "both")
    await ended(tools)
    assert journal.results == []
    assert_nothing_runs_on(before)


async def test_a_hanging_tool_ends_at_the_deadline_and_nothing_runs_on(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    async def hang(params: dict[str, Any]) -> Any:
        await asyncio.Event().wait()

    tools.answer = hang
    gemini.will(asks(("add_task", {"title": "a"}), ("add_task", {"title": "b"})))

    before = asyncio.all_tasks()
    with pytest.raises(DeadlineExceeded):
        await agent.run(turn(seconds=0.5), [], "a")
    await ended(tools)
    assert_nothing_runs_on(before)


@pytest.mark.parametrize(
    ("call", "in_doubt"), [(("add_task", {"title": "a"}), {0}), (("list_tasks", {}), set())]
)
async def test_a_write_without_an_answer_is_in_doubt(
    agent: TaskAgent,
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    call: tuple[str, dict[str, str]],
    in_doubt: set[int],
) -> None:
    async def hang(params: dict[str, Any]) -> Any:
        await asyncio.Event().wait()

    tools.answer = hang
    context = turn(seconds=0.5)
    gemini.will(asks(call))

    with pytest.raises(DeadlineExceeded):
        await agent.run(context, [], "a")
    assert context.in_doubt == in_doubt


async def test_an_answered_write_is_not_in_doubt(agent: TaskAgent, gemini: ScriptedGemini) -> None:
    context = turn(journal := MemoryJournal())
    gemini.will(asks(("add_task", {"title": "a"}), ("list_tasks", {})), says("ok"))

    await agent.run(context, [], "a")

    assert context.in_doubt == set()
    assert [result.read_only for result in journal.results] == [False, True]


async def test_a_call_that_is_being_recorded_has_ended_when_the_run_has(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    journal = SlowJournal()
    gemini.will(asks(("add_task", {"title": "a"})))

    with pytest.raises(DeadlineExceeded):
        await agent.run(turn(journal, seconds=0.3), [], "a")
    assert journal.began
    assert journal.rolled_back


async def test_a_cancelled_turn_leaves_no_call_behind(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    async def hang(params: dict[str, Any]) -> Any:
        await asyncio.Event().wait()

    tools.answer = hang
    gemini.will(asks(("add_task", {"title": "a"})))
    before = asyncio.all_tasks()
    running = asyncio.create_task(agent.run(turn(), [], "a"))
    async with asyncio.timeout(5):
        while not tools.calls:
            tools.asked.clear()
            await tools.asked.wait()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await ended(tools)
    assert_nothing_runs_on(before)
