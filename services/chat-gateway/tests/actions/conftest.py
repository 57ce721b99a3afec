"""One process: its pool, its agent, its clicks between a real database and scripted tools."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from chat_gateway.actions.clicks import ClickService
from chat_gateway.actions.stops import StopService
from chat_gateway.conversations.history import HistoryLimits
from chat_gateway.model.gemini import flat_schema
from chat_gateway.telemetry.contents import Contents
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.tools.client import ToolsClient
from chat_gateway.tools.one_call import OneCall
from chat_gateway.tools.schemas import ToolSchemas
from chat_gateway.turns.budget import Budget
from chat_gateway.turns.service import TurnService
from prometheus_client import CollectorRegistry
from servicekit.database.transactions import Database

from ..equipment.mcp_tools import SIGNER, ScriptedTools
from ..equipment.scripted_agent import ScriptedAgent

LEASE_SECONDS = 10.0


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> GatewayMetrics:
    return GatewayMetrics(registry)


@pytest.fixture
async def tools() -> AsyncIterator[ScriptedTools]:
    async with ScriptedTools().running() as server:
        yield server


@pytest.fixture
async def clicks(
    database: Database, tools: ScriptedTools, metrics: GatewayMetrics
) -> AsyncIterator[ClickService]:
    async with AsyncExitStack() as stack:
        client = ToolsClient.open(tools.url, SIGNER, connections=30)
        stack.push_async_callback(client.close)
        schemas = ToolSchemas(client, flat_schema)
        stack.push_async_callback(schemas.close)
        one_call = OneCall(client, schemas, metrics, Contents(captured=False))
        yield ClickService(database, one_call, metrics, Budget(metrics), LEASE_SECONDS)


@pytest.fixture
def agent() -> ScriptedAgent:
    return ScriptedAgent()


@pytest.fixture
def service(database: Database, agent: ScriptedAgent, metrics: GatewayMetrics) -> TurnService:
    return TurnService(
        database=database,
        agent=agent,
        metrics=metrics,
        budget=Budget(metrics),
        history_limits=HistoryLimits(max_messages=6, max_tokens=1000),
        lease_seconds=LEASE_SECONDS,
    )


@pytest.fixture
def stops(database: Database, metrics: GatewayMetrics) -> StopService:
    return StopService(database, metrics)
