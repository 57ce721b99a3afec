"""What becomes of traces in the real collector: which are kept, counted, and what is taken out."""

import json
import re
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Final

import httpx2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from tests.otel.collector import (
    HTTP_PORT,
    OWN_METRICS_PORT,
    SPAN_METRICS_PORT,
    RunningCollector,
    configuration,
    merged,
    running,
)

pytestmark = pytest.mark.usefixtures("engine")

SHARED: Final = 400
"""Quick traces without an error; a tenth of them is kept."""
SECOND: Final = 1_000_000_000
FORBIDDEN: Final = {
    "authorization": "canary-authorization",
    "http.request.header.cookie": "canary-cookie",
    "db.user.password": "canary-password",
    "gemini.api_key": "canary-api-key",
    "session.token": "canary-session-token",
    "url.query": "canary=query",
    "db.query.parameter.title": "canary-parameter",
    "gen_ai.input.messages": "canary-message",
    "gen_ai.output.messages": "canary-answer",
    "gen_ai.tool.call.arguments": '{"title": "canary-title"}',
    "gen_ai.system_instructions": "canary-instructions",
    "note": "sent with Bearer canary0123456789",
    "jwt": "eyJhbGciOiJFZERTQSJ9.eyJjYW5hcnkiOjF9.canarysignature",
    "database": "postgresql://role:canarysecret@db.example.com/tasks",
    "who": "canary@example.com",
}
HARMLESS: Final = {
    "gen_ai.request.model": "gemini-flash-latest",
    "gen_ai.usage.input_tokens": "812",
    "taskchat.turn.id": "0198c0de-0000-7000-8000-000000000001",
    "http.route": "/api/{user_id}/chat",
    "db.query.text": "select set_config($1, $2, true)",
    "url.full": "http://mcp-tools:8002/mcp",
}


def trace_id(name: str) -> bytes:
    """An id that is the same in every run, so that the same traces are chosen."""
    return sha256(name.encode()).digest()[:16]


def trace(
    name: str, seconds: float, *, fails: bool = False, attributes: dict[str, str] | None = None
) -> list[Span]:
    """A root and its child; an error is the child's, and the root says nothing of it."""
    started = time.time_ns() - int(seconds * SECOND)
    ended = started + int(seconds * SECOND)
    keys = [
        KeyValue(key=key, value=AnyValue(string_value=value))
        for key, value in (attributes or {}).items()
    ]
    root = Span(
        trace_id=trace_id(name),
        span_id=trace_id(name)[:8],
        name="turn",
        attributes=keys,
        events=[Span.Event(name="noted", attributes=keys)],
        start_time_unix_nano=started,
        end_time_unix_nano=ended,
    )
    child = Span(
        trace_id=trace_id(name),
        span_id=trace_id(name)[8:],
        parent_span_id=trace_id(name)[:8],
        name="chat gemini-flash-latest",
        status=Status(code=Status.STATUS_CODE_ERROR if fails else Status.STATUS_CODE_UNSET),
        start_time_unix_nano=started,
        end_time_unix_nano=ended,
    )
    return [root, child]


def sent() -> list[Span]:
    """Everything that is sent to the collector."""
    spans = [span for number in range(SHARED) for span in trace(f"quick {number}", 0.1)]
    spans += trace("failed", 0.1, fails=True, attributes=FORBIDDEN | HARMLESS)
    return spans + trace("slow", 2.1)


@pytest.fixture(scope="module")
def collector(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    """The production collector after all spans; it decides and counts within seconds."""
    soon = {"decision_wait": "1s", "decision_wait_after_root_received": "1s"}
    configured = merged(
        configuration("production"),
        {
            "processors": {"tail_sampling": soon},
            "connectors": {"span_metrics": {"metrics_flush_interval": "500ms"}},
        },
    )
    resource = Resource(
        attributes=[KeyValue(key="service.name", value=AnyValue(string_value="chat-gateway"))]
    )
    request = ExportTraceServiceRequest(
        resource_spans=[ResourceSpans(resource=resource, scope_spans=[ScopeSpans(spans=sent())])]
    )
    with running(configured, tmp_path_factory.mktemp("collector")) as collector:
        answer = httpx2.post(
            f"{collector.url(HTTP_PORT)}/v1/traces",
            content=request.SerializeToString(),
            headers={"Content-Type": "application/x-protobuf"},
            trust_env=False,
        )
        assert answer.status_code == httpx2.codes.OK, answer.text
        decided = f"{2 + SHARED} decisions"
        wait_for(decided, lambda: counted(collector, "sampled") >= 2 + SHARED)
        wait_for("what was kept is written", lambda: len(kept(collector)) >= kept_count(collector))
        yield collector


def wait_for(state: str, look: Callable[[], bool], limit_seconds: float = 20.0) -> None:
    """Wait until a state is reached. Raises: AssertionError: it was not in time."""
    end = time.monotonic() + limit_seconds
    while not look():
        assert time.monotonic() < end, f"not within {limit_seconds} s: {state}"
        time.sleep(0.1)


def metrics(collector: RunningCollector, port: int) -> str:
    """What one of its metrics ports shows."""
    return httpx2.get(f"{collector.url(port)}/metrics", trust_env=False).text


def counted(collector: RunningCollector, decision: str) -> float:
    """How many traces were decided. Args: decision: `sampled`: of either kind."""
    pattern = r"^otelcol_processor_tail_sampling_global_count_traces_sampled[^{]*\{(.*)\} (\S+)$"
    found = re.findall(pattern, metrics(collector, OWN_METRICS_PORT), re.MULTILINE)
    return sum(float(value) for labels, value in found if decision in labels)


def kept_count(collector: RunningCollector) -> float:
    """How many traces were decided to be kept."""
    return counted(collector, 'sampled="true"')


def kept(collector: RunningCollector) -> set[str]:
    """Ids of the traces that were handed on."""
    lines = collector.output.read_text().splitlines() if collector.output.exists() else []
    return {
        span["traceId"]
        for line in lines
        for resource in json.loads(line)["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    }


def test_trace_with_an_error_is_kept_whole(collector: RunningCollector) -> None:
    assert trace_id("failed").hex() in kept(collector)
    assert collector.output.read_text().count(trace_id("failed").hex()) == 2


def test_trace_over_two_seconds_is_kept(collector: RunningCollector) -> None:
    assert trace_id("slow").hex() in kept(collector)


def test_a_tenth_of_the_rest_is_kept(collector: RunningCollector) -> None:
    quick = kept(collector) - {trace_id("failed").hex(), trace_id("slow").hex()}
    assert SHARED * 0.05 < len(quick) < SHARED * 0.15


def test_every_span_is_counted_before_most_are_dropped(collector: RunningCollector) -> None:
    pattern = r'^traces_span_metrics_calls_total\{.*span_name="turn".*\} (\S+)$'

    def turns() -> float:
        found = re.findall(pattern, metrics(collector, SPAN_METRICS_PORT), re.MULTILINE)
        return sum(float(value) for value in found)

    wait_for("all turns are counted", lambda: turns() == 2 + SHARED)


@pytest.mark.parametrize("key", FORBIDDEN)
def test_nothing_forbidden_is_handed_on(collector: RunningCollector, key: str) -> None:
    text = collector.output.read_text()
    secret = re.search(r"canary[\w=-]*", FORBIDDEN[key])
    assert secret is not None
    assert f'"key":"{key}"' in text, "the span was kept, and what is asked of it says nothing"
    assert secret[0] not in text


def test_nothing_forbidden_becomes_a_label(collector: RunningCollector) -> None:
    assert "canary" not in metrics(collector, SPAN_METRICS_PORT)


@pytest.mark.parametrize(("key", "value"), HARMLESS.items())
def test_what_is_harmless_stays(collector: RunningCollector, key: str, value: str) -> None:
    pair = {"key": key, "value": {"stringValue": value}}
    assert json.dumps(pair, separators=(",", ":")) in collector.output.read_text()
