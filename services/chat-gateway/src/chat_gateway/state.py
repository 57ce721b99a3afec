"""What lives as long as the process: engine, clients, keys. Nothing of a request (law 6)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self

import httpx2
from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database
from servicekit.people.doors import PersonDoors
from servicekit.tokens.gateway_proof import GatewaySigner
from servicekit.tokens.jwks import JwksCache
from servicekit.tokens.verifier import TokenVerifier
from starlette.applications import Starlette

from chat_gateway.actions.clicks import ClickService
from chat_gateway.actions.stops import StopService
from chat_gateway.agent.run import MAX_CALLS_AT_ONCE, TaskAgent
from chat_gateway.chatkit.threads import ThreadService
from chat_gateway.conversations.history import HistoryLimits
from chat_gateway.model.candidates import candidates
from chat_gateway.model.first_contact import report_first_contact
from chat_gateway.model.gemini import GeminiModel, flat_schema
from chat_gateway.model.hedging import HedgeBudget, Patience
from chat_gateway.people.personal_data import PERSONAL_DATA, TOMBSTONES
from chat_gateway.settings import GatewaySettings
from chat_gateway.telemetry.contents import Contents
from chat_gateway.telemetry.metrics import GatewayMetrics, unread_metrics
from chat_gateway.tools.client import ToolsClient
from chat_gateway.tools.one_call import OneCall
from chat_gateway.tools.schemas import ToolSchemas
from chat_gateway.turns.budget import Budget
from chat_gateway.turns.rows import DailyLimits
from chat_gateway.turns.runner import AgentRunner
from chat_gateway.turns.service import TurnService
from chat_gateway.turns.shares import Shares

APPLICATION_NAME: Final = "chat-gateway"


@dataclass(frozen=True, slots=True)
class State:
    """Made in the lifespan, closed in reverse order."""

    settings: GatewaySettings
    metrics: GatewayMetrics
    database: Database
    jwks: JwksCache
    verifier: TokenVerifier
    shares: Shares
    turns: TurnService
    clicks: ClickService
    stops: StopService
    threads: ThreadService
    people: PersonDoors


@dataclass(frozen=True, slots=True)
class Observation:
    """How the process is watched. tracing: whether spans are exported."""

    metrics: GatewayMetrics
    tracing: bool

    @classmethod
    def none(cls) -> Self:
        """Metrics that nobody reads, and no spans."""
        return cls(metrics=unread_metrics(), tracing=False)


@dataclass(frozen=True, slots=True)
class Tools:
    """The way to mcp-tools, for turns and clicks. contents: what spans tell of calls."""

    client: ToolsClient
    schemas: ToolSchemas
    contents: Contents

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, settings: GatewaySettings, observation: Observation
    ) -> AsyncIterator[Self]:
        """Make it; it is connected to nothing before a call."""
        async with AsyncExitStack() as opened:
            client = ToolsClient.open(
                settings.mcp_url,
                GatewaySigner.from_pem(settings.gateway_proof_key.get_secret_value()),
                connections=settings.max_turns_in_flight * MAX_CALLS_AT_ONCE,
            )
            opened.push_async_callback(client.close)
            schemas = ToolSchemas(client, flat_schema)
            opened.push_async_callback(schemas.close)
            yield cls(client, schemas, Contents(settings.captures_contents and observation.tracing))


OpenAgent = Callable[
    [GatewaySettings, Observation, Tools], AbstractAsyncContextManager[AgentRunner]
]


@asynccontextmanager
async def open_task_agent(
    settings: GatewaySettings, observation: Observation, tools: Tools
) -> AsyncIterator[AgentRunner]:
    """Make the agent with its client to the model."""
    async with AsyncExitStack() as opened:
        gemini = GeminiModel.open(
            candidates(
                settings.gemini_model,
                settings.gemini_fallback_model,
                reasoning_effort=settings.gemini_reasoning_effort,
                max_output_tokens=settings.gemini_max_output_tokens,
            ),
            settings.gemini_base_url,
            settings.gemini_api_key,
            connections=settings.max_turns_in_flight * 2,
            patience=Patience(
                call_timeout_seconds=settings.model_call_timeout_seconds,
                hedge_after_seconds=settings.model_hedge_after_seconds,
                budget=HedgeBudget(),
            ),
            began_to_answer=observation.metrics.model_began_to_answer,
            may_see_traces=settings.model_may_see_traces,
        )
        opened.push_async_callback(gemini.close)
        opened.push_async_callback(_ended, asyncio.create_task(report_first_contact(settings)))
        yield TaskAgent.build(
            gemini,
            tools.client,
            tools.schemas,
            observation.metrics,
            max_steps=settings.agent_max_steps,
            max_calls=settings.max_calls_per_turn,
            contents=tools.contents,
        )


async def _ended(task: asyncio.Task[None]) -> None:
    """Give up what still runs in the background."""
    task.cancel()
    await asyncio.wait([task])


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
            ),
            tombstones=TOMBSTONES,
        )
        opened.push_async_callback(database.dispose)
        jwks = JwksCache(
            settings.auth_jwks_url,
            await opened.enter_async_context(httpx2.AsyncClient()),
            token_lifetime_seconds=settings.auth_token_lifetime_seconds,
            metrics=observation.metrics.process.keys,
        )
        opened.push_async_callback(jwks.close)
        tools = await opened.enter_async_context(Tools.opened(settings, observation))
        agent = await opened.enter_async_context(open_agent(settings, observation, tools))
        budget = Budget(observation.metrics, _daily_limits(settings))
        yield State(
            settings=settings,
            metrics=observation.metrics,
            database=database,
            jwks=jwks,
            verifier=TokenVerifier(
                jwks,
                settings.auth_issuer,
                settings.auth_audience,
                max_lifetime_seconds=settings.auth_token_lifetime_seconds,
            ),
            shares=Shares(
                of_all=settings.max_turns_in_flight, of_each=settings.turns_in_flight_per_person
            ),
            turns=TurnService(
                database=database,
                agent=agent,
                metrics=observation.metrics,
                budget=budget,
                history_limits=HistoryLimits(
                    max_messages=settings.history_max_messages,
                    max_tokens=settings.history_max_tokens,
                ),
                lease_seconds=settings.turn_lease_seconds,
            ),
            clicks=ClickService(
                database=database,
                tools=OneCall(tools.client, tools.schemas, observation.metrics, tools.contents),
                metrics=observation.metrics,
                budget=budget.without_model(),
                lease_seconds=settings.turn_lease_seconds,
            ),
            stops=StopService(database, observation.metrics),
            threads=ThreadService(database),
            people=PersonDoors.of(
                database,
                PERSONAL_DATA,
                jwks,
                settings.auth_issuer,
                longest_turn_seconds=settings.turn_deadline_seconds,
            ),
        )


def _daily_limits(settings: GatewaySettings) -> DailyLimits:
    return DailyLimits(turns=settings.turns_per_day, model_tokens=settings.model_tokens_per_day)


def state_of(app: Starlette) -> State:
    """The app's state, while its lifespan runs."""
    state = app.state.gateway
    assert isinstance(state, State)
    return state
