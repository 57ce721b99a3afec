"""The spans of a run: what stands under what, and what is not in them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import web
from chat_gateway.agent.gemini import GeminiModel, flat_schema
from chat_gateway.agent.hedging import Patience
from chat_gateway.agent.run import TaskAgent
from chat_gateway.agent.tracing import trace_to_opentelemetry
from chat_gateway.errors import ModelError, ToolsUnavailable
from chat_gateway.metrics import GatewayMetrics
from chat_gateway.tools.client import ToolsClient
from chat_gateway.tools.schemas import ToolSchemas
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from ..equipment.gemini import ScriptedGemini, asks, fails, says
from ..equipment.mcp_tools import ScriptedTools
from ..equipment.turns import turn


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    for module in ("chat_gateway.spans", "chat_gateway.agent.tracing"):
        monkeypatch.setattr(f"{module}._tracer", provider.get_tracer("test"))
    return exporter


@pytest.fixture
async def traced_agent(
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    exported: InMemorySpanExporter,
    patience: Patience,
) -> AsyncIterator[TaskAgent]:
    trace_to_opentelemetry(enabled=True)
    async with AsyncExitStack() as stack:
        model = GeminiModel.open(
            "gemini-2.5-flash",
            gemini.url,
            SecretStr("k"),
            connections=10,
            patience=patience,
            began_to_answer=lambda _: None,
        )
        stack.push_async_callback(model.close)
        client = ToolsClient.open(tools.url, connections=10)
        stack.push_async_callback(client.close)
        schemas = ToolSchemas(client, flat_schema)
        stack.push_async_callback(schemas.close)
        metrics = GatewayMetrics(CollectorRegistry())
        yield TaskAgent.build(model, client, schemas, metrics, max_steps=4, tracing=True)
    trace_to_opentelemetry(enabled=False)


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
    traced_agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(asks(("add_task", {"title": "a"}), ("list_tasks", {})), says("ok"))

    await traced_agent.run(turn(), [], "a")

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
    traced_agent: TaskAgent,
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    exported: InMemorySpanExporter,
) -> None:
    gemini.will(asks(("add_task", {"title": "a"})), says("ok"))

    await traced_agent.run(turn(), [], "a")

    spans = {span.name: span for span in exported.get_finished_spans()}
    call, asked = spans["tools/call add_task"], spans["POST /chat/completions"]
    assert call.context is not None
    assert asked.context is not None
    parent = tools.headers[-1]["traceparent"]
    assert parent == tools.calls[0]["_meta"]["traceparent"]
    assert parent.split("-")[2] == f"{call.context.span_id:016x}"
    assert gemini.headers[-1]["traceparent"].split("-")[2] == f"{asked.context.span_id:016x}"


async def test_a_span_has_the_names_of_the_conventions_and_no_contents(
    traced_agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(asks(("add_task", {"title": "a secret"})), says("a secret was added"))

    await traced_agent.run(turn(), [], "add a secret")

    spans = exported.get_finished_spans()
    chat = next(span for span in spans if span.name.startswith("chat"))
    assert dict(chat.attributes or {}) == {
        "gen_ai.provider.name": "gcp.gemini",
        "gen_ai.request.model": "gemini-2.5-flash",
        "gen_ai.operation.name": "chat",
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 3,
    }
    assert "secret" not in "".join(span.to_json() for span in spans)


async def test_a_failed_request_to_the_model_is_an_error_in_its_span(
    traced_agent: TaskAgent, gemini: ScriptedGemini, exported: InMemorySpanExporter
) -> None:
    gemini.will(fails(400))

    with pytest.raises(ModelError):
        await traced_agent.run(turn(), [], "a")

    failed = {s.name: s for s in exported.get_finished_spans() if not s.status.is_ok}
    assert set(failed) == {
        "invoke_agent taskchat",
        "chat gemini-2.5-flash",
        "POST /chat/completions",
    }
    assert [event.name for event in failed["POST /chat/completions"].events] == ["exception"]
    assert not failed["invoke_agent taskchat"].events
    agent = failed["invoke_agent taskchat"]
    assert (agent.attributes or {})["error.type"] == "model_error"
    assert "secret" not in "".join(span.to_json() for span in failed.values())


async def test_a_failed_tool_call_is_an_error_in_its_span(
    traced_agent: TaskAgent,
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    exported: InMemorySpanExporter,
) -> None:
    async def refuse(params: dict[str, Any]) -> web.StreamResponse:
        return web.Response(status=403)

    tools.answer = refuse
    gemini.will(asks(("add_task", {"title": "a"})))

    with pytest.raises(ToolsUnavailable):
        await traced_agent.run(turn(), [], "a")

    call = next(s for s in exported.get_finished_spans() if s.name == "tools/call add_task")
    assert (call.attributes or {})["http.response.status_code"] == 403
    assert (call.attributes or {})["error.type"] == "ToolsRefused"
