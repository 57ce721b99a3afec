"""The spans of a run: what stands under what, and what is not in them."""

from typing import Any

import pytest
from aiohttp import web
from chat_gateway.agent.run import TaskAgent
from chat_gateway.errors import ModelError, ToolsUnavailable
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ..equipment.gemini import ScriptedGemini, asks, fails, says
from ..equipment.mcp_tools import ScriptedTools, failed
from ..equipment.spans import tree
from ..equipment.turns import MemoryJournal, turn


async def test_a_run_is_one_tree_from_the_agent_to_the_requests(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(asks(("add_task", {"title": "a"}), ("list_tasks", {})), says("ok"))

    await agent.run(turn(), [], "a")

    assert tree(exported.get_finished_spans()) == [
        (
            "invoke_agent taskchat",
            ("tools/list",),
            ("chat gemini-flash-latest", ("POST /chat/completions",)),
            ("execute_tool add_task", ("tools/call add_task",)),
            ("execute_tool list_tasks", ("tools/call list_tasks",)),
            ("chat gemini-flash-latest", ("POST /chat/completions",)),
        )
    ]


async def test_the_tools_are_told_the_span_that_asks_and_the_model_nothing(
    agent: TaskAgent,
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    exported: InMemorySpanExporter,
) -> None:
    gemini.will(asks(("add_task", {"title": "a"})), says("ok"))

    await agent.run(turn(), [], "a")

    spans = {span.name: span for span in exported.get_finished_spans()}
    call = spans["tools/call add_task"]
    assert call.context is not None
    parent = tools.headers[-1]["traceparent"]
    assert parent == tools.calls[0]["_meta"]["traceparent"]
    assert parent.split("-")[2] == f"{call.context.span_id:016x}"
    told = {name for headers in gemini.headers for name in headers}
    assert told.isdisjoint({"traceparent", "tracestate", "baggage"})


async def test_a_span_has_the_names_of_the_conventions_and_no_contents(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(asks(("add_task", {"title": "a secret"})), says("a secret was added"))

    await agent.run(turn(), [], "add a secret")

    spans = exported.get_finished_spans()
    chat = next(span for span in spans if span.name.startswith("chat"))
    attributes = dict(chat.attributes or {})
    assert attributes.pop("gen_ai.conversation.id")
    assert attributes.pop("server.port")
    assert 0 < float(str(attributes.pop("taskchat.model.time_to_first_token"))) < 10
    assert attributes == {
        "gen_ai.provider.name": "gcp.gemini",
        "gen_ai.request.model": "gemini-flash-latest",
        "gen_ai.operation.name": "chat",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.response.id": "answer",
        "gen_ai.response.model": "gemini-flash-latest",
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 3,
        "server.address": "127.0.0.1",
        "taskchat.model.requests": 1,
    }
    assert "secret" not in "".join(span.to_json() for span in spans)


async def test_what_the_journal_answers_is_said_to_be_replayed_and_asks_nobody(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    journal = MemoryJournal()
    gemini.will(asks(("add_task", {"title": "a"})), fails(400))
    with pytest.raises(ModelError):
        await agent.run(turn(journal), [], "a")
    first = exported.get_finished_spans()
    exported.clear()

    gemini.will(says("Done."))
    await agent.run(turn(journal), [], "a")

    again = exported.get_finished_spans()
    assert tree(again) == [
        (
            "invoke_agent taskchat",
            ("execute_tool add_task",),
            ("chat gemini-flash-latest", ("POST /chat/completions",)),
        )
    ]
    told = [
        {**(one.attributes or {})}
        for one in (*first, *again)
        if one.name == "execute_tool add_task"
    ]
    assert [one["taskchat.tool_call.replayed"] for one in told] == [False, True]
    assert told[0]["taskchat.tool_call.id"] == told[1]["taskchat.tool_call.id"]


async def test_a_tool_that_says_no_is_an_error_in_its_span(
    agent: TaskAgent,
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    exported: InMemorySpanExporter,
) -> None:
    async def refuse(params: dict[str, Any]) -> Any:
        return failed("not_found")

    tools.answer = refuse
    gemini.will(asks(("complete_task", {"task_id": "x"})), says("no such task"))

    await agent.run(turn(), [], "a")

    call = next(s for s in exported.get_finished_spans() if s.name == "execute_tool complete_task")
    assert not call.status.is_ok
    assert (call.attributes or {})["error.type"] == "not_found"


async def test_a_failed_request_to_the_model_is_an_error_in_its_span(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(fails(400))

    with pytest.raises(ModelError):
        await agent.run(turn(), [], "a")

    failed = {s.name: s for s in exported.get_finished_spans() if not s.status.is_ok}
    assert set(failed) == {
        "invoke_agent taskchat",
        "chat gemini-flash-latest",
        "POST /chat/completions",
    }
    assert [event.name for event in failed["POST /chat/completions"].events] == ["exception"]
    assert not failed["invoke_agent taskchat"].events
    run = failed["invoke_agent taskchat"]
    assert (run.attributes or {})["error.type"] == "model_error"
    assert "secret" not in "".join(span.to_json() for span in failed.values())


async def test_a_failed_tool_call_is_an_error_in_its_span(
    agent: TaskAgent,
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    exported: InMemorySpanExporter,
) -> None:
    async def refuse(params: dict[str, Any]) -> web.StreamResponse:
        return web.Response(status=403)

    tools.answer = refuse
    gemini.will(asks(("add_task", {"title": "a"})))

    with pytest.raises(ToolsUnavailable):
        await agent.run(turn(), [], "a")

    call = next(s for s in exported.get_finished_spans() if s.name == "tools/call add_task")
    assert (call.attributes or {})["http.response.status_code"] == 403
    assert (call.attributes or {})["error.type"] == "ToolsRefused"
