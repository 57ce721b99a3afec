"""The application: what it is made of, how it starts, how it stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx2
from mcp.server.transport_security import RequestBodyLimitMiddleware
from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database
from servicekit.people.doors import PersonDoors, person_routes
from servicekit.probes import Readiness, probe_routes
from servicekit.problems import DatabaseUnavailable, install_problem_handlers
from servicekit.telemetry.service_metrics import ServiceMetrics
from servicekit.tokens.gateway_proof import GatewayProofs
from servicekit.tokens.jwks import JwksCache
from servicekit.tokens.verifier import TokenVerifier
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from mcp_tools.http_requests import JsonOnly, ProblemsOnly
from mcp_tools.identity import MCP_PATH, ProvenBodyOnly, SubjectVerifier
from mcp_tools.metrics import unread_metrics
from mcp_tools.people.personal_data import PERSONAL_DATA, TOMBSTONES
from mcp_tools.proof import ProofJudged
from mcp_tools.server import create_server
from mcp_tools.settings import Settings
from mcp_tools.spans import TracedByHeader
from mcp_tools.tool_calls.recorder import Recorder
from mcp_tools.tools.dispatch import Dispatch

APPLICATION_NAME: Final = "mcp-tools"
MAX_BODY_BYTES: Final = 65_536  # a right call has at most 27,000, were all of it escaped
SIGNING_KEYS: Final = "the signing keys"
DATABASE: Final = "the database"
START_RETRY_SECONDS: Final = 1.0


@dataclass(frozen=True)
class State:
    """What lives as long as the process. Making it connects to nothing; the lifespan closes it."""

    readiness: Readiness
    database: Database
    http: httpx2.AsyncClient
    jwks: JwksCache


def create_app(
    settings: Settings, readiness: Readiness, metrics: ServiceMetrics | None = None
) -> ASGIApp:
    """Make the application.

    Args: readiness: told here what is needed to start serving, and when it is there.
        metrics: shown pool and keys; default: nobody reads them.
    """
    metrics = metrics or unread_metrics()
    http = httpx2.AsyncClient()
    engine = create_engine(
        settings.database_url.get_secret_value(),
        pool_size=settings.database_pool_size,
        application_name=APPLICATION_NAME,
        metrics=metrics.pool,
    )
    jwks = JwksCache(
        settings.auth_jwks_url,
        http,
        token_lifetime_seconds=settings.auth_token_lifetime_seconds,
        metrics=metrics.keys,
    )
    state = State(readiness, Database(engine, tombstones=TOMBSTONES), http, jwks)
    tokens = TokenVerifier(
        state.jwks,
        settings.auth_issuer,
        settings.auth_audience,
        max_lifetime_seconds=settings.auth_token_lifetime_seconds,
        expiry_grace_seconds=settings.turn_grace_seconds,
    )
    server = create_server(
        Dispatch(Recorder(state.database), settings.max_tasks_per_person),
        SubjectVerifier(tokens),
    )
    app = server.http_app(
        path=MCP_PATH,
        stateless_http=True,
        json_response=True,
        host_origin_protection=True,
        allowed_hosts=list(settings.allowed_hosts),
        middleware=[
            Middleware(JsonOnly),
            Middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY_BYTES),
            Middleware(ProvenBodyOnly),
        ],
    )
    app.router.redirect_slashes = False
    app.router.routes.extend(probe_routes(readiness))
    people = PersonDoors.of(
        state.database,
        PERSONAL_DATA,
        state.jwks,
        settings.auth_issuer,
        longest_turn_seconds=settings.turn_grace_seconds,
    )
    app.router.routes.extend(person_routes(lambda _: people))
    install_problem_handlers(app)
    _surround_lifespan(app, state)
    proofs = GatewayProofs.from_pem(settings.gateway_proof_public_keys)
    return ProofJudged(TracedByHeader(ProblemsOnly(app)), proofs)


def _surround_lifespan(app: Starlette, state: State) -> None:
    """Open our things before FastMCP's own, and close them after."""
    of_fastmcp = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(starlette: Starlette) -> AsyncIterator[None]:
        state.readiness.require(SIGNING_KEYS)
        state.readiness.require(DATABASE)
        try:
            async with of_fastmcp(starlette), asyncio.TaskGroup() as starting:
                waits = [
                    starting.create_task(_wait_for_keys(state)),
                    starting.create_task(_wait_for_database(state)),
                ]
                yield
                for wait in waits:
                    wait.cancel()
        finally:
            await state.jwks.close()
            await state.database.dispose()
            await state.http.aclose()

    app.router.lifespan_context = lifespan


async def _wait_for_keys(state: State) -> None:
    await state.jwks.load()
    while not state.jwks.loaded:
        await asyncio.sleep(START_RETRY_SECONDS)
        await state.jwks.load()
    state.readiness.met(SIGNING_KEYS)


async def _wait_for_database(state: State) -> None:
    while True:
        try:
            await state.database.check()
        except DatabaseUnavailable:
            await asyncio.sleep(START_RETRY_SECONDS)
        else:
            break
    state.readiness.met(DATABASE)
