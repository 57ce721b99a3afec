"""Records at mcp-tools that are not of what was asked: counted and logged, and the turn goes on."""

import logging
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from chat_gateway.agent.run import TaskAgent
from prometheus_client import CollectorRegistry

from ..equipment.gemini import ScriptedGemini, asks, says
from ..equipment.mcp_tools import ScriptedTools, done, failed
from ..equipment.turns import MemoryJournal, turn


def mismatches(registry: CollectorRegistry) -> float | None:
    return registry.get_sample_value("taskchat_audit_mismatches_total")


def reasons(caplog: pytest.LogCaptureFixture) -> list[object]:
    return [
        record.__dict__["reason"] for record in caplog.records if record.msg == "audit mismatch"
    ]


async def test_key_that_another_call_has_used_is_a_mismatch(
    agent: TaskAgent,
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    registry: CollectorRegistry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def conflicting(params: dict[str, Any]) -> Any:
        return failed("invalid_arguments", conflict=True)

    tools.answer = conflicting
    gemini.will(asks(("add_task", {"title": "a"})), says("It did not work."))

    with caplog.at_level(logging.ERROR):
        assert await agent.run(turn(), [], "a") == "It did not work."

    assert mismatches(registry) == 1
    assert reasons(caplog) == ["another call is on record under this key"]


async def test_call_that_was_never_made_and_is_on_record_is_a_mismatch(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, registry: CollectorRegistry
) -> None:
    async def known(params: dict[str, Any]) -> Any:
        return done({"task": {}}, replayed=True)

    tools.answer = known
    gemini.will(asks(("add_task", {"title": "a"})), says("ok"))

    await agent.run(turn(), [], "a")

    assert mismatches(registry) == 1


async def test_one_record_for_two_calls_is_a_mismatch(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, registry: CollectorRegistry
) -> None:
    same = uuid4()

    async def same_record(params: dict[str, Any]) -> Any:
        return done({"task": {}}, call_id=same)

    tools.answer = same_record
    gemini.will(asks(("add_task", {"title": "a"})))
    gemini.will(asks(("add_task", {"title": "b"})), says("ok"))

    await agent.run(turn(), [], "a, then b")

    assert mismatches(registry) == 1


async def test_repeat_of_a_call_whose_answer_was_lost_is_none(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, registry: CollectorRegistry
) -> None:
    attempts = 0

    async def lost_once(params: dict[str, Any]) -> Any:
        nonlocal attempts
        attempts += 1
        return web.Response(status=503) if attempts == 1 else done({"task": {}}, replayed=True)

    tools.answer = lost_once
    gemini.will(asks(("add_task", {"title": "a"})), says("ok"))

    await agent.run(turn(), [], "a")

    assert (attempts, mismatches(registry)) == (2, 0)


async def test_call_that_an_earlier_attempt_may_have_made_is_none(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, registry: CollectorRegistry
) -> None:
    recording = MemoryJournal()
    gemini.will(asks(("add_task", {"title": "a"})), says("ok"))
    await agent.run(turn(recording), [], "a")

    async def known(params: dict[str, Any]) -> Any:
        return done({"task": {}}, replayed=True)

    tools.answer = known
    gemini.will(says("ok"))
    await agent.run(turn(MemoryJournal(steps=list(recording.steps))), [], "a")

    assert (len(tools.calls), mismatches(registry)) == (2, 0)
