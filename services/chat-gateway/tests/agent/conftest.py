"""The real agent between a scripted model and scripted tools, over real HTTP."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack

import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.agent.tracing import silence_sdk_traces
from chat_gateway.model.candidates import Candidate
from chat_gateway.model.gemini import GeminiModel, flat_schema
from chat_gateway.model.hedging import HedgeBudget, Patience
from chat_gateway.telemetry.contents import Contents
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.tools.client import ToolsClient
from chat_gateway.tools.schemas import ToolSchemas
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from ..equipment.gemini import MODEL, ScriptedGemini
from ..equipment.mcp_tools import SIGNER, ScriptedTools


@pytest.fixture
async def gemini() -> AsyncIterator[ScriptedGemini]:
    async with ScriptedGemini().running() as server:
        yield server
        server.may_answer.set()
        server.release()


@pytest.fixture
async def tools() -> AsyncIterator[ScriptedTools]:
    async with ScriptedTools().running() as server:
        yield server


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """The spans of this service, kept in memory."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("chat_gateway.telemetry.spans._tracer", provider.get_tracer("test"))
    return exporter


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def winners(registry: CollectorRegistry) -> Callable[[], dict[str, float]]:
    """How many hedged calls each of the three won."""

    def look() -> dict[str, float]:
        return {
            sample.labels["winner"]: sample.value
            for family in registry.collect()
            for sample in family.samples
            if sample.name == "taskchat_model_hedges_total"
        }

    return look


@pytest.fixture
def patience() -> Patience:
    """Long enough for every test, and never a second request."""
    return Patience(call_timeout_seconds=10, hedge_after_seconds=0, budget=HedgeBudget())


@pytest.fixture
def contents() -> Contents:
    """Spans tell nothing of what was said."""
    return Contents(captured=False)


@pytest.fixture
def models() -> Sequence[Candidate]:
    """One, so that each failure is met once."""
    return (Candidate("GEMINI_MODEL", MODEL),)


@pytest.fixture
async def agent(
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    registry: CollectorRegistry,
    patience: Patience,
    contents: Contents,
    models: Sequence[Candidate],
) -> AsyncIterator[TaskAgent]:
    silence_sdk_traces()
    metrics = GatewayMetrics(registry)
    async with AsyncExitStack() as stack:
        model = GeminiModel.open(
            models,
            gemini.url,
            SecretStr("the-api-key"),
            connections=10,
            patience=patience,
            began_to_answer=metrics.model_began_to_answer,
        )
        stack.push_async_callback(model.close)
        client = ToolsClient.open(tools.url, SIGNER, connections=10)
        stack.push_async_callback(client.close)
        schemas = ToolSchemas(client, flat_schema)
        stack.push_async_callback(schemas.close)
        yield TaskAgent.build(
            model, client, schemas, metrics, max_steps=4, max_calls=100, contents=contents
        )
