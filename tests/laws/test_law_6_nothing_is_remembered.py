"""Law 6, from inside: after a request, a process holds what it held before, and nothing more.

Both Python services run in this process, on the stack's database, keys and model. One person's
requests come first and may load configuration; then a snapshot is taken, another person
does all that people do, and a second one must be alike.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx2
import pytest
from asgi_lifespan import LifespanManager
from chat_gateway.app import create_app as create_gateway
from chat_gateway.settings import GatewaySettings
from devstack.stack import Stack
from mcp_tools.app import create_app as create_tools
from mcp_tools.settings import Settings as ToolsSettings
from servicekit.probes import Readiness
from servicekit.settings import load
from servicekit.tokens.gateway_proof import GatewaySigner
from starlette.types import ASGIApp

from tests.equipment.chat import ORIGIN, User
from tests.equipment.tools import gateway_of, proof_of
from tests.laws.process_state import StateInspector, difference

CONFIGURATION: Mapping[str, str] = {
    "HedgeBudget": "one number over all turns: how many hedges the process may send (ADR 0016)",
}
"""Classes that may change, and why."""


@pytest.fixture
def environment(stack: Stack) -> Iterator[pytest.MonkeyPatch]:
    """Variables for the services in this process."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@asynccontextmanager
async def client_of(app: ASGIApp) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an app that runs in this process, while its lifespan lasts."""
    async with LifespanManager(app, startup_timeout=30) as running:
        transport = httpx2.ASGITransport(running.app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://localhost", timeout=30
        ) as client:
            yield client


async def talk(client: httpx2.AsyncClient, user: User) -> None:
    """All that a person does: tools, a repetition, a failure of each kind, two turns at once."""
    url = f"/api/{user.user_id}/chat"
    headers = {
        "Authorization": f"Bearer {user.token}",
        "Origin": ORIGIN,
        "Time-Zone": "Europe/Berlin",
    }
    key = {"Idempotency-Key": str(uuid4())}
    added = await client.post(
        url, json={"message": "add a task to buy milk"}, headers=headers | key
    )
    assert added.status_code == 200, added.text
    again = await client.post(
        url, json={"message": "add a task to buy milk"}, headers=headers | key
    )
    assert again.content == added.content
    conversation_id = added.json()["conversation_id"]
    at_once = [
        client.post(
            url, json={"message": "hello", "conversation_id": conversation_id}, headers=headers
        )
        for _ in range(2)
    ]
    assert {response.status_code for response in await asyncio.gather(*at_once)} <= {200, 409}
    for body, status in (({"message": " "}, 422), ({"message": "x", "conversation_id": "7"}, 422)):
        assert (await client.post(url, json=body, headers=headers)).status_code == status
    assert (await client.post(url, json={}, headers={"Origin": ORIGIN})).status_code == 401
    assert (await client.post(url, json={})).status_code == 403


async def call_tools(client: httpx2.AsyncClient, user: User, gateway: GatewaySigner) -> None:
    """Calls that succeed, fail, repeat and are refused; those with a key are the gateway's."""
    me = str(user.user_id)
    key = {"taskchat/idempotency-key": {"turn_id": str(uuid4()), "ordinal": 0}}
    for name, arguments, meta in (
        ("add_task", {"user_id": me, "title": "milk"}, key),
        ("add_task", {"user_id": me, "title": "milk"}, key),
        ("add_task", {"user_id": me, "title": ""}, {}),
        ("list_tasks", {"user_id": me}, {}),
        ("delete_task", {"user_id": me, "task_id": str(uuid4())}, {}),
        ("list_tasks", {"user_id": str(uuid4())}, {}),
        ("nothing", {}, {}),
    ):
        call = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {
                "name": name,
                "arguments": arguments,
                "_meta": {
                    **meta,
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "0"},
                    "io.modelcontextprotocol/clientCapabilities": {},
                },
            },
        }
        body = json.dumps(call).encode()
        headers = {
            "Authorization": f"Bearer {user.token}",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": "tools/call",
            "mcp-name": name,
        }
        proof = proof_of(gateway, list(headers.items()), body) if meta else []
        response = await client.post("/mcp", content=body, headers={**headers, **dict(proof)})
        assert response.status_code == 200, response.text


async def test_gateway_remembers_no_request(
    stack: Stack, environment: pytest.MonkeyPatch, alice: User, bob: User
) -> None:
    for variable, value in stack.env("chat-gateway").items():
        environment.setenv(variable, value)
    inspector = StateInspector(["chat_gateway", "servicekit"], CONFIGURATION)
    async with client_of(create_gateway(load(GatewaySettings))) as client:
        await talk(client, alice)
        before = inspector.snapshot()

        await talk(client, bob)

        assert difference(before, inspector.snapshot()) == {}


async def test_tools_remember_no_call(
    stack: Stack, environment: pytest.MonkeyPatch, alice: User, bob: User
) -> None:
    for variable, value in stack.env("mcp-tools").items():
        environment.setenv(variable, value)
    inspector = StateInspector(["mcp_tools", "servicekit"], CONFIGURATION)
    async with client_of(create_tools(load(ToolsSettings), Readiness())) as client:
        await call_tools(client, alice, gateway_of(stack))
        before = inspector.snapshot()

        await call_tools(client, bob, gateway_of(stack))

        assert difference(before, inspector.snapshot()) == {}
