"""The spans of a run: what stands under what, and what is not in them."""

from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from aiohttp import web
from chat_gateway.agent.hedging import HedgeBudget, Patience
from chat_gateway.agent.run import TaskAgent
from chat_gateway.contents import Contents
from chat_gateway.errors import ModelError, ModelUnavailable, ToolsUnavailable
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ..equipment.gemini import Reply, ScriptedGemini, asks, fails, says
from ..equipment.mcp_tools import ScriptedTools, failed
from ..equipment.turns import MemoryJournal, turn


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("chat_gateway.spans._tracer", provider.get_tracer("test"))
    return exporter


def loads(value: object) -> Any:
    """The JSON of an attribute."""
    assert isinstance(value, str)
    return orjson.loads(value)


def tree(spans: Sequence[ReadableSpan]) -> list[Any]:
    """Names of spans, each with those under it, in the order in which they began."""

    def under(parent: int | None) -> list[Any]:
        children = sorted(
            (s for s in spans if (s.parent.span_id if s.parent else None) == parent),
            key=lambda span: span.start_time or 0,
        )
        return [
            (child.name, *under(child.context.span_id if child.context else None))
            for child in children
        ]

    return under(None)


async def test_a_run_is_one_tree_from_the_agent_to_the_requests(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(asks(("add_task", {"title": "a"}), ("list_tasks", {})), says("ok"))

    await agent.run(turn(), [], "a")

    assert tree(exported.get_finished_spans()) == [
        (
            "invoke_agent taskchat",
            ("tools/list",),
            ("chat gemini-2.5-flash", ("POST /chat/completions",)),
            ("execute_tool add_task", ("tools/call add_task",)),
            ("execute_tool list_tasks", ("tools/call list_tasks",)),
            ("chat gemini-2.5-flash", ("POST /chat/completions",)),
        )
    ]


async def test_both_sides_are_told_the_span_that_asks(
    agent: TaskAgent,
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    exported: InMemorySpanExporter,
) -> None:
    gemini.will(asks(("add_task", {"title": "a"})), says("ok"))

    await agent.run(turn(), [], "a")

    spans = {span.name: span for span in exported.get_finished_spans()}
    call, asked = spans["tools/call add_task"], spans["POST /chat/completions"]
    assert call.context is not None
    assert asked.context is not None
    parent = tools.headers[-1]["traceparent"]
    assert parent == tools.calls[0]["_meta"]["traceparent"]
    assert parent.split("-")[2] == f"{call.context.span_id:016x}"
    assert gemini.headers[-1]["traceparent"].split("-")[2] == f"{asked.context.span_id:016x}"


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
        "gen_ai.request.model": "gemini-2.5-flash",
        "gen_ai.operation.name": "chat",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.response.id": "answer",
        "gen_ai.response.model": "gemini-2.5-flash",
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 3,
        "server.address": "127.0.0.1",
        "taskchat.model.requests": 1,
    }
    assert "secret" not in "".join(span.to_json() for span in spans)


async def test_a_call_that_is_tried_again_shows_each_request_and_what_was_wrong_with_it(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(fails(503), fails(429), says("ok"))

    await agent.run(turn(), [], "a")

    spans = exported.get_finished_spans()
    requests = [span for span in spans if span.name == "POST /chat/completions"]
    told = [span.attributes or {} for span in requests]
    assert [one.get("http.request.resend_count") for one in told] == [None, 1, 2]
    assert [one["http.response.status_code"] for one in told] == [503, 429, 200]
    assert [span.status.is_ok for span in requests] == [False, False, True]
    events = [[event.name for event in span.events] for span in requests]
    assert events == [["exception"], ["exception"], []]
    chat = next(span for span in spans if span.name.startswith("chat"))
    assert chat.status.is_ok
    assert (chat.attributes or {})["taskchat.model.requests"] == 3


async def test_an_answer_that_cannot_be_used_is_an_event_of_the_call(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(asks(("drop_table", {})), says("ok"))

    await agent.run(turn(), [], "a")

    chat = next(s for s in exported.get_finished_spans() if s.name.startswith("chat"))
    assert [(event.name, dict(event.attributes or {})) for event in chat.events] == [
        ("taskchat.model.nonsense", {"taskchat.model.nonsense.reason": "unknown_tool"})
    ]
    told = chat.attributes or {}
    assert (told["taskchat.model.requests"], told["gen_ai.usage.input_tokens"]) == (2, 14)


@pytest.mark.parametrize("patience", [Patience(10, hedge_after_seconds=0.02, budget=HedgeBudget())])
async def test_a_hedged_call_has_two_requests_and_the_loser_is_no_error(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    slow = says("too late")
    gemini.will(Reply(slow.body, slow.status, held=True), says("ok"))

    await agent.run(turn(), [], "a")

    spans = exported.get_finished_spans()
    chat = next(span for span in spans if span.name.startswith("chat"))
    first, hedge = sorted(
        (span for span in spans if span.name == "POST /chat/completions"),
        key=lambda span: span.start_time or 0,
    )
    assert chat.context is not None
    assert first.parent is not None
    assert hedge.parent is not None
    assert first.parent.span_id == hedge.parent.span_id == chat.context.span_id
    assert (first.attributes or {})["error.type"] == "CancelledError"
    assert all(span.status.is_ok and not span.events for span in (first, hedge, chat))


@pytest.mark.parametrize("patience", [Patience(0.02, hedge_after_seconds=0, budget=HedgeBudget())])
async def test_a_model_that_never_answers_is_an_error_of_the_call_not_of_its_requests(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.may_answer.clear()

    with pytest.raises(ModelUnavailable):
        await agent.run(turn(), [], "a")

    spans = exported.get_finished_spans()
    requests = [span for span in spans if span.name == "POST /chat/completions"]
    chat = next(span for span in spans if span.name.startswith("chat"))
    assert len(requests) == (chat.attributes or {})["taskchat.model.requests"] == 3
    assert all(span.status.is_ok and not span.events for span in requests)
    assert (chat.attributes or {})["error.type"] == "model_unavailable"
    assert [event.name for event in chat.events] == ["exception"]


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
            ("chat gemini-2.5-flash", ("POST /chat/completions",)),
        )
    ]
    told = [
        {**(one.attributes or {})}
        for one in (*first, *again)
        if one.name == "execute_tool add_task"
    ]
    assert [one["taskchat.tool_call.replayed"] for one in told] == [False, True]
    assert told[0]["taskchat.tool_call.id"] == told[1]["taskchat.tool_call.id"]


async def test_an_exception_is_told_once_with_its_stack_and_without_its_words(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(fails(400))

    with pytest.raises(ModelError):
        await agent.run(turn(), [], "a")

    (event,) = [event for span in exported.get_finished_spans() for event in span.events]
    told = dict(event.attributes or {})
    assert told.pop("exception.type") == "chat_gateway.agent.endpoint.EndpointRefusal"
    assert "endpoint.py:" in str(told.pop("exception.stacktrace"))
    assert not told


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


@pytest.mark.parametrize("contents", [Contents(captured=True)])
async def test_with_the_switch_spans_hold_what_was_said(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(asks(("add_task", {"title": "milk"})), says("I added milk."))

    await agent.run(turn(), [], "buy milk")

    spans = exported.get_finished_spans()
    first, second = [dict(s.attributes or {}) for s in spans if s.name.startswith("chat")]
    assert "task" in str(first["gen_ai.system_instructions"])
    assert loads(first["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": "buy milk"}]}
    ]
    (asked,) = loads(first["gen_ai.output.messages"])
    assert asked["parts"] == [
        {"type": "tool_call", "id": "call_0", "name": "add_task", "arguments": {"title": "milk"}}
    ]
    _, call, result = loads(second["gen_ai.input.messages"])
    assert (call["role"], call["parts"]) == ("assistant", asked["parts"])
    tool = next(dict(s.attributes or {}) for s in spans if s.name == "execute_tool add_task")
    assert loads(tool["gen_ai.tool.call.arguments"]) == {"title": "milk"}
    told = loads(tool["gen_ai.tool.call.result"])
    assert result == {
        "role": "tool",
        "parts": [{"type": "tool_call_response", "id": "call_0", "response": told}],
    }
    assert loads(second["gen_ai.output.messages"]) == [
        {
            "role": "assistant",
            "parts": [{"type": "text", "content": "I added milk."}],
            "finish_reason": "stop",
        }
    ]


async def test_a_failed_request_to_the_model_is_an_error_in_its_span(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(fails(400))

    with pytest.raises(ModelError):
        await agent.run(turn(), [], "a")

    failed = {s.name: s for s in exported.get_finished_spans() if not s.status.is_ok}
    assert set(failed) == {
        "invoke_agent taskchat",
        "chat gemini-2.5-flash",
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
