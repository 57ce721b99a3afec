"""The service itself on a port, with a scripted agent: real HTTP, real tokens, real Postgres."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx2
import uvicorn
from chat_gateway.app import ChatGateway, create_app
from chat_gateway.settings import GatewaySettings
from chat_gateway.state import Observation, Tools
from chat_gateway.turns.runner import AgentRunner

from .issuer import Issuer
from .mcp_tools import KEYS
from .scripted_agent import ScriptedAgent
from .waiting import wait_until

ORIGIN = "http://localhost:3000"
START_LIMIT_SECONDS = 60.0


@dataclass(frozen=True)
class Gateway:
    """A running gateway and a client of it."""

    app: ChatGateway
    port: int
    client: httpx2.AsyncClient
    issuer: Issuer
    agent: ScriptedAgent

    async def post(
        self,
        user_id: UUID,
        body: bytes | Mapping[str, object],
        *,
        path_user: str | None = None,
        **headers: str | None,
    ) -> httpx2.Response:
        """Post to the endpoint. Args: headers: `idempotency_key="x"`; None leaves one out."""
        sent: dict[str, str | None] = {
            "origin": ORIGIN,
            "authorization": f"Bearer {self.issuer.token(user_id)}",
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return await self.client.post(
            f"/api/{path_user or user_id}/chat",
            content=body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={name: value for name, value in sent.items() if value is not None},
        )


def settings(service_url: str, issuer: Issuer, **changes: object) -> GatewaySettings:
    """Settings that are good but for the changes."""
    return GatewaySettings.model_validate(
        {
            "port": 0,
            "database_url": service_url,
            "auth_jwks_url": issuer.url,
            "auth_issuer": "http://issuer.test",
            "allowed_origins": ORIGIN,
            "mcp_url": "http://127.0.0.1:9/mcp",
            "gemini_api_key": "key",
            "gateway_proof_key": KEYS.private,
            **changes,
        }
    )


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which are the test runner's to have."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def running(
    chosen: GatewaySettings, issuer: Issuer, *, graceful_seconds: int = 30
) -> AsyncIterator[Gateway]:
    """Serve until the block ends. Args: graceful_seconds: which turns in flight get to end."""
    agent = ScriptedAgent()

    @asynccontextmanager
    async def open_agent(
        _: GatewaySettings, __: Observation, ___: Tools
    ) -> AsyncIterator[AgentRunner]:
        yield agent

    app = create_app(chosen, open_agent=open_agent)
    server = _Server(
        uvicorn.Config(
            app,
            port=0,
            lifespan="on",
            log_config=None,
            access_log=False,
            http="h11",
            timeout_graceful_shutdown=graceful_seconds,
        )
    )
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await wait_until("the gateway serves", started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            try:
                yield Gateway(app, port, client, issuer, agent)
            finally:
                server.should_exit = True
                await serving
    finally:
        serving.cancel()
