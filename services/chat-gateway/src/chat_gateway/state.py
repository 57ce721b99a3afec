"""What lives as long as the process: engine, clients, keys. Nothing of a request (law 6)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self

import httpx2
from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database
from servicekit.tokens.jwks import JwksCache
from servicekit.tokens.verifier import TokenVerifier
from starlette.applications import Starlette

from chat_gateway.agent.gemini import GeminiModel, flat_schema
from chat_gateway.agent.hedging import HedgeBudget, Patience
from chat_gateway.agent.run import MAX_CALLS_AT_ONCE, TaskAgent
from chat_gateway.contents import Contents
from chat_gateway.conversations.history import HistoryLimits
from chat_gateway.metrics import GatewayMetrics, unread_metrics
from chat_gateway.settings import GatewaySettings
from chat_gateway.tools.client import ToolsClient
from chat_gateway.tools.schemas import ToolSchemas
from chat_gateway.turns.runner import AgentRunner
from chat_gateway.turns.service import TurnService

APPLICATION_NAME: Final = "chat-gateway"


@dataclass(frozen=True, slots=True)
class State:
    """Made in the lifespan, closed in reverse order."""

    settings: GatewaySettings
    metrics: GatewayMetrics
    database: Database
    jwks: JwksCache
    verifier: TokenVerifier
    turns: TurnService


@dataclass(frozen=True, slots=True)
class Observation:
    """How the process is watched. tracing: whether spans are exported."""

    metrics: GatewayMetrics
    tracing: bool

    @classmethod
    def none(cls) -> Self:
        """Metrics that nobody reads, and no spans."""
        return cls(metrics=unread_metrics(), tracing=False)


OpenAgent = Callable[[GatewaySettings, Observation], AbstractAsyncContextManager[AgentRunner]]


@asynccontextmanager
async def open_task_agent(
    settings: GatewaySettings, observation: Observation
) -> AsyncIterator[AgentRunner]:
    """Make the agent with its clients to the model and to mcp-tools."""
    async with AsyncExitStack() as opened:
        gemini = GeminiModel.open(
            settings.gemini_model,
            settings.gemini_base_url,
            settings.gemini_api_key,
            connections=settings.max_turns_in_flight * 2,
            patience=Patience(
                call_timeout_seconds=settings.model_call_timeout_seconds,
                hedge_after_seconds=settings.model_hedge_after_seconds,
                budget=HedgeBudget(),
            ),
            began_to_answer=lambda seconds: observation.metrics.model_began_to_answer(
                settings.gemini_model, seconds
            ),
        )
        opened.push_async_callback(gemini.close)
        client = ToolsClient.open(
            settings.mcp_url, connections=settings.max_turns_in_flight * MAX_CALLS_AT_ONCE
        )
        opened.push_async_callback(client.close)
        schemas = ToolSchemas(client, flat_schema)
        opened.push_async_callback(schemas.close)
        yield TaskAgent.build(
            gemini,
            client,
            schemas,
            observation.metrics,
            max_steps=settings.agent_max_steps,
            contents=Contents(settings.captures_contents and observation.tracing),
        )


@asynccontextmanager
async def open_state(
    settings: GatewaySettings, observation: Observation, open_agent: OpenAgent
) -> AsyncIterator[State]:
    """Make everything; connects to nothing yet."""
    async with AsyncExitStack() as opened:
        database = Database(
            create_engine(
                settings.database_url.get_secret_value(),
                application_name=APPLICATION_NAME,
                metrics=observation.metrics.process.pool,
            )
        )
        opened.push_async_callback(database.dispose)
        jwks = JwksCache(
            settings.auth_jwks_url,
            await opened.enter_async_context(httpx2.AsyncClient()),
            metrics=observation.metrics.process.keys,
        )
        opened.push_async_callback(jwks.close)
        agent = await opened.enter_async_context(open_agent(settings, observation))
        yield State(
            settings=settings,
            metrics=observation.metrics,
            database=database,
            jwks=jwks,
            verifier=TokenVerifier(jwks, settings.auth_issuer, settings.auth_audience),
            turns=TurnService(
                database=database,
                agent=agent,
                metrics=observation.metrics,
                history_limits=HistoryLimits(
                    max_messages=settings.history_max_messages,
                    max_tokens=settings.history_max_tokens,
                ),
                lease_seconds=settings.turn_lease_seconds,
            ),
        )


def state_of(app: Starlette) -> State:
    """The app's state, while its lifespan runs."""
    state = app.state.gateway
    assert isinstance(state, State)
    return state
