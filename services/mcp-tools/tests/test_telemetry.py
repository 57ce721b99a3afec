"""One trace from the caller to the SQL, without stray roots, contents or unbounded names."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import REGISTRY

from .caller import Caller, key
from .rows import Rows

SPAN_LIMIT_SECONDS = 60.0
CALLERS_SPAN = "00f067aa0ba902b7"


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture(autouse=True)
def no_spans_of_others(exporter: InMemorySpanExporter) -> Iterator[None]:
    exporter.clear()
    yield
    exporter.clear()


def traceparent() -> tuple[str, str]:
    """A trace id and the header that hands it on."""
    trace_id = uuid4().hex
    return trace_id, f"00-{trace_id}-{CALLERS_SPAN}-01"


async def finished(exporter: InMemorySpanExporter, last: str) -> dict[str, ReadableSpan]:
    """All spans by name, once the last one (an outer one) has ended."""
    limit = time.monotonic() + SPAN_LIMIT_SECONDS
    while last not in (spans := {span.name: span for span in exporter.get_finished_spans()}):
        assert time.monotonic() < limit, f"no span {last} after 10 s, only {list(spans)}"
        await asyncio.sleep(0.01)
    return spans


def tree(spans: dict[str, ReadableSpan]) -> dict[str, str]:
    """Each span's parent by name; a remote one by its id."""
    names = {span.context.span_id: name for name, span in spans.items() if span.context}
    return {
        name: names.get(span.parent.span_id, f"{span.parent.span_id:016x}") if span.parent else "-"
        for name, span in spans.items()
    }


async def test_trace_of_the_gateways_header_goes_on(
    caller: Caller, exporter: InMemorySpanExporter, rows: Rows
) -> None:
    trace_id, header = traceparent()

    await caller.with_headers(traceparent=header).call("add_task", meta=key(), title="x")

    spans = await finished(exporter, "POST /mcp")
    assert tree(spans) == {
        "POST /mcp": CALLERS_SPAN,
        "tools/call add_task": "POST /mcp",
        "transaction": "tools/call add_task",
        "SELECT tasks.erased_person": "transaction",
        "INSERT tasks.tool_call": "transaction",
        "INSERT tasks.task": "transaction",
        "UPDATE tasks.tool_call": "transaction",
    }
    assert len(exporter.get_finished_spans()) == len(spans)
    assert {f"{span.context.trace_id:032x}" for span in spans.values() if span.context} == {
        trace_id
    }
    assert (await rows.call(caller.user_id))["trace_id"] == trace_id


@pytest.mark.parametrize("where", ["header", "meta"])
async def test_trace_of_a_stranger_is_linked_and_another_begins(
    caller: Caller, exporter: InMemorySpanExporter, rows: Rows, where: str
) -> None:
    """Whoever has not the gateway's key chooses no id, for spans or for the audit (ADR 0036)."""
    trace_id, header = traceparent()
    if where == "header":
        await caller.with_headers(traceparent=header).call("list_tasks")
        outermost = "POST /mcp"
    else:
        await caller.call("list_tasks", meta={"traceparent": header})
        outermost = "tools/call list_tasks"

    spans = await finished(exporter, outermost)
    assert [name for name, parent in tree(spans).items() if parent == "-"] == [outermost]
    (link,) = spans[outermost].links
    assert (f"{link.context.trace_id:032x}", f"{link.context.span_id:016x}") == (
        trace_id,
        CALLERS_SPAN,
    )
    ours = {f"{span.context.trace_id:032x}" for span in spans.values() if span.context}
    assert ours == {(await rows.call(caller.user_id))["trace_id"]} != {trace_id}


async def test_header_wins_over_meta(caller: Caller, exporter: InMemorySpanExporter) -> None:
    _, header = traceparent()
    _, other = traceparent()

    gateway = caller.with_headers(traceparent=header)
    await gateway.call("list_tasks", meta={**key(), "traceparent": other})

    spans = await finished(exporter, "POST /mcp")
    assert tree(spans)["tools/call list_tasks"] == "POST /mcp"
    assert [name for name, parent in tree(spans).items() if parent == "-"] == []
    assert all(span.links == () for span in spans.values())


@pytest.mark.parametrize("meta", [{}, {"traceparent": "garbage"}, {"traceparent": 5}])
async def test_call_without_a_trace_is_one_root(
    caller: Caller, exporter: InMemorySpanExporter, meta: dict[str, Any]
) -> None:
    await caller.call("list_tasks", meta=meta)

    spans = await finished(exporter, "tools/call list_tasks")
    assert [name for name, parent in tree(spans).items() if parent == "-"] == [
        "tools/call list_tasks"
    ]
    assert "tools/list" not in spans


async def test_refused_request_is_seen_in_its_trace(
    caller: Caller, exporter: InMemorySpanExporter
) -> None:
    _, header = traceparent()

    response = await caller.with_headers(traceparent=header, authorization="x").post(
        "tools/list", {}
    )

    spans = await finished(exporter, "POST")
    assert dict(spans["POST"].attributes or {})["http.response.status_code"] == 401
    assert spans["POST"].context is not None
    assert response.json()["trace_id"] == f"{spans['POST'].context.trace_id:032x}"


async def test_span_follows_the_conventions(caller: Caller, exporter: InMemorySpanExporter) -> None:
    answer = await caller.call("list_tasks")

    span = (await finished(exporter, "tools/call list_tasks"))["tools/call list_tasks"]
    assert span.kind is SpanKind.SERVER
    assert dict(span.attributes or {}) == {
        "mcp.method.name": "tools/call",
        "mcp.protocol.version": "2026-07-28",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "list_tasks",
        "taskchat.tool_call.id": str(answer.call_id),
        "taskchat.tool_call.replayed": False,
    }


async def test_failed_call_says_so_without_its_contents(
    caller: Caller, exporter: InMemorySpanExporter
) -> None:
    await caller.call("add_task", title="SECRET" * 100, description="SECRET")
    await caller.call("SECRET_TOOL")

    spans = await finished(exporter, "tools/call")
    failed = spans["tools/call add_task"]
    assert failed.status.status_code is StatusCode.ERROR
    assert dict(failed.attributes or {})["error.type"] == "invalid_arguments"
    assert "gen_ai.tool.name" not in dict(spans["tools/call"].attributes or {})
    assert "SECRET" not in " ".join(span.to_json() for span in exporter.get_finished_spans())


async def test_calls_and_replays_are_counted_by_tool_and_outcome(caller: Caller) -> None:
    def count(name: str, tool: str, outcome: str) -> float:
        return REGISTRY.get_sample_value(name, {"tool": tool, "outcome": outcome}) or 0.0

    calls, replays = (
        "taskchat_mcp_tool_call_duration_seconds_count",
        "taskchat_mcp_tool_call_replays_total",
    )
    seen = (("add_task", "ok"), ("add_task", "invalid_arguments"), ("unknown", "invalid_arguments"))
    before = [count(calls, *labels) for labels in seen]
    replayed_before = count(replays, "add_task", "ok")
    meta = key()

    for _ in range(3):
        await caller.call("add_task", meta=meta, title="x")
    await caller.call("add_task")
    await caller.call("no_such_tool_" + uuid4().hex)

    assert [count(calls, *labels) for labels in seen] == [value + 1 for value in before]
    assert count(replays, "add_task", "ok") == replayed_before + 2
