"""Calls of one answer: those that write one after the other, reads beside each other."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from chat_gateway.agent.run import MAX_CALLS_AT_ONCE, TaskAgent
from chat_gateway.errors import ModelUnavailable, ToolsUnavailable

from ..equipment.gemini import ScriptedGemini, asks, fails, says
from ..equipment.mcp_tools import ScriptedTools, done, failed
from ..equipment.turns import MemoryJournal, turn

GRACE_SECONDS = 0.05
"""For a call that must not come: long beside the 2 ms in which one that may come is there."""


class Watched:
    """Answers calls slowly, and keeps what began and ended when."""

    def __init__(self, tools: ScriptedTools, answer: Callable[[str], Any] | None = None) -> None:
        self.events: list[tuple[str, str]] = []
        self.under_way: set[str] = set()
        self.seen_together: set[frozenset[str]] = set()
        self._answer = answer or (lambda name: done({"task": {"title": name}}))
        tools.answer = self._serve

    async def _serve(self, params: dict[str, Any]) -> Any:
        arguments = params["arguments"]
        name = str(arguments.get("title") or arguments.get("task_id") or arguments.get("cursor"))
        self.under_way.add(name)
        self.events.append(("began", name))
        self.seen_together.add(frozenset(self.under_way))
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                await asyncio.Event().wait()
        except TimeoutError:
            self.events.append(("ended", name))
            return self._answer(name)
        finally:
            self.under_way.discard(name)

    @property
    def order(self) -> list[str]:
        """The calls as they came."""
        return [name for event, name in self.events if event == "began"]


def add(title: str) -> tuple[str, dict[str, str]]:
    return ("add_task", {"title": title})


def read(page: str) -> tuple[str, dict[str, str]]:
    return ("list_tasks", {"cursor": page})


async def test_a_write_that_gets_no_answer_keeps_the_later_ones_from_being_made(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    watched = Watched(
        tools, lambda name: web.Response(status=400) if name == "b" else done({"task": {}})
    )
    journal = MemoryJournal()
    gemini.will(asks(*map(add, "abc")))

    with pytest.raises(ToolsUnavailable):
        await agent.run(turn(journal), [], "a, b and c")

    assert watched.order == ["a", "b"]
    assert [result.ordinal for result in journal.results] == [0]


async def test_a_write_that_ends_in_a_tool_error_lets_the_later_ones_run(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    watched = Watched(
        tools, lambda name: failed("invalid_arguments") if name == "a" else done({"task": {}})
    )
    journal = MemoryJournal()
    gemini.will(asks(*map(add, "abc")), says("ok"))

    await agent.run(turn(journal), [], "a, b and c")

    assert watched.order == ["a", "b", "c"]
    assert [result.status for result in journal.results] == ["error", "ok", "ok"]


@pytest.mark.parametrize("count", [2, 5, MAX_CALLS_AT_ONCE + 4])
async def test_writes_come_one_by_one_in_the_order_of_the_model(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, count: int
) -> None:
    watched = Watched(tools)
    titles = [f"task {number}" for number in range(count)]
    gemini.will(asks(*map(add, titles)), says("ok"))

    await agent.run(turn(), [], "many")

    assert watched.order == titles
    assert watched.seen_together == {frozenset({title}) for title in titles}


async def test_kinds_of_writes_keep_their_order_too(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    watched = Watched(tools)
    gemini.will(
        asks(
            ("update_task", {"task_id": "1", "title": "first wish"}),
            ("update_task", {"task_id": "1", "title": "second wish"}),
            ("complete_task", {"task_id": "completed"}),
            ("delete_task", {"task_id": "deleted"}),
        ),
        says("ok"),
    )

    await agent.run(turn(), [], "all of it")

    assert watched.order == ["first wish", "second wish", "completed", "deleted"]


async def test_reads_run_beside_each_other_and_see_the_writes_before_them(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    watched = Watched(tools)
    gemini.will(asks(read("p"), read("q"), add("a"), read("r"), read("s"), add("b")), says("ok"))

    await agent.run(turn(), [], "read, add, read")

    assert [set(names) for names in (watched.order[:2], watched.order[3:5])] == [
        {"p", "q"},
        {"r", "s"},
    ]
    assert (watched.order[2], watched.order[5]) == ("a", "b")
    assert {frozenset("pq"), frozenset("rs")} <= watched.seen_together
    assert not any({"a", "b"} & names for names in watched.seen_together if len(names) > 1)


async def test_a_tool_that_does_not_say_that_it_only_reads_counts_as_writing(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    listing = tools.listing

    async def silent(params: dict[str, Any]) -> Any:
        listed = await listing(params)
        for one in listed["tools"]:
            del one["annotations"]
        return listed

    tools.listing = silent
    watched = Watched(tools)
    gemini.will(asks(read("p"), read("q")), says("ok"))

    await agent.run(turn(), [], "read")

    assert watched.seen_together == {frozenset("p"), frozenset("q")}


async def test_a_resumed_turn_makes_the_calls_that_are_left_in_their_order(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    titles = [f"task {number}" for number in range(5)]
    journal = MemoryJournal()
    gemini.will(asks(*map(add, titles)), *[fails(503)] * 3)
    with pytest.raises(ModelUnavailable):
        await agent.run(turn(journal), [], "five")
    # As if the process had died while the results came in.
    for ordinal in (1, 3, 4):
        del journal.recorded[ordinal]
    watched = Watched(tools)
    gemini.will(says("ok"))

    await agent.run(turn(journal), [], "five")

    assert watched.order == ["task 1", "task 3", "task 4"]
    assert watched.seen_together == {frozenset({title}) for title in watched.order}
