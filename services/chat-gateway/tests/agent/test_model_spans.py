"""The spans of a call of the model: what it took, what went wrong, what was said."""

from typing import Any

import orjson
import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.errors import ModelError, ModelUnavailable
from chat_gateway.model.hedging import HedgeBudget, Patience
from chat_gateway.telemetry.contents import Contents
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ..equipment.gemini import Reply, ScriptedGemini, asks, fails, says
from ..equipment.turns import turn


def loads(value: object) -> Any:
    """The JSON of an attribute."""
    assert isinstance(value, str)
    return orjson.loads(value)


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
    gemini.will(says("\u200b"), says("ok"))

    await agent.run(turn(), [], "a")

    chat = next(s for s in exported.get_finished_spans() if s.name.startswith("chat"))
    assert [(event.name, dict(event.attributes or {})) for event in chat.events] == [
        ("taskchat.model.nonsense", {"taskchat.model.nonsense.reason": "empty_answer"})
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


async def test_an_exception_is_told_once_with_its_stack_and_without_its_words(
    agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(fails(400))

    with pytest.raises(ModelError):
        await agent.run(turn(), [], "a")

    (event,) = [event for span in exported.get_finished_spans() for event in span.events]
    told = dict(event.attributes or {})
    assert told.pop("exception.type") == "chat_gateway.model.endpoint.EndpointRefusal"
    assert "endpoint.py:" in str(told.pop("exception.stacktrace"))
    assert not told


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
