"""contract.md "Operations" and signing in: probes, metrics, and the way to a token."""

from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
import pytest
from devstack.deployment import Kind
from devstack.stack import Stack, base_url

from tests.equipment.chat import ORIGIN, refusal
from tests.equipment.raw_http import send
from tests.equipment.tokens import claims_of, header_of
from tests.equipment.waiting import wait_until

ALL: tuple[Kind, ...] = ("chat-gateway", "mcp-tools", "auth", "gemini-simulator")
MEASURED: tuple[Kind, ...] = ("chat-gateway", "mcp-tools", "auth", "gemini-simulator")
TOKEN_SECONDS = 300


@pytest.mark.parametrize("service", ALL)
async def test_probes_answer(stack: Stack, service: Kind) -> None:
    url = base_url(stack.process(service))

    healthy, ready = await send(f"{url}/healthz", "GET"), await send(f"{url}/readyz", "GET")

    assert (healthy.status, healthy.json()) == (200, {"status": "ok"})
    assert (ready.status, ready.json()) == (200, {"status": "ready"})


async def test_service_without_its_database_is_alive_but_not_ready(stack: Stack) -> None:
    """It waits for the database to start serving; only what is missing is said, not where it is."""
    nowhere = "postgresql://mcp_tools:secret@127.0.0.1:9/taskchat?sslmode=disable"
    process = stack.make_process("mcp-tools", "mcp-tools-without-database", DATABASE_URL=nowhere)
    process.start()
    try:
        async with httpx2.AsyncClient(base_url=base_url(process)) as client:
            await until_it_answers(client)
            healthy, ready = await client.get("/healthz"), await client.get("/readyz")
    finally:
        process.kill()

    assert healthy.status_code == 200
    assert (ready.status_code, ready.json()["code"]) == (503, "not_ready")
    assert "database" in ready.json()["detail"]
    assert "9/taskchat" not in ready.text


@pytest.mark.parametrize("service", MEASURED)
async def test_metrics_are_on_a_port_of_their_own(stack: Stack, service: Kind) -> None:
    process = stack.process(service)
    host, port = urlsplit(base_url(process)).hostname, process.env["METRICS_PORT"]

    metrics = await send(f"http://{host}:{port}/metrics", "GET")

    assert metrics.status == 200
    assert (metrics.header("content-type") or "").startswith("text/plain")
    assert b"process_cpu_seconds_total" in metrics.body
    on_the_main_port = await send(f"{base_url(process)}/metrics", "GET")
    assert on_the_main_port.status in {403, 404}


async def test_way_to_a_token_is_as_the_contract_says(stack: Stack) -> None:
    email, password = f"{uuid4().hex}@example.com", "correct horse battery staple"
    body = {"email": email, "password": password, "name": "Somebody"}
    async with httpx2.AsyncClient(
        base_url=f"{stack.urls.auth}/api/auth", headers={"Origin": ORIGIN}
    ) as client:
        signed_up = await client.post("/sign-up/email", json=body)
        signed_in = await client.post("/sign-in/email", json=body)
        session = signed_in.headers["set-auth-token"]
        token = await client.get("/token", headers={"Authorization": f"Bearer {session}"})
        keys = await client.get("/jwks")

    assert signed_up.headers["set-auth-token"]
    jwt = token.json()["token"]
    claims = claims_of(jwt)
    assert sorted(claims) == ["aud", "exp", "iat", "iss", "sub"], "no e-mail, no name"
    assert claims["iss"] == stack.urls.auth
    assert claims["aud"] == ["chat-gateway", "mcp-tools"]
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == TOKEN_SECONDS
    assert header_of(jwt)["alg"] == "EdDSA"
    published = {key["kid"]: key for key in keys.json()["keys"]}
    assert published[header_of(jwt)["kid"]]["crv"] == "Ed25519"
    assert all("d" not in key for key in published.values()), "a private key is published"


async def test_unknown_path_of_each_service_is_a_problem(stack: Stack) -> None:
    for service in ALL:
        url = f"{base_url(stack.process(service))}/nowhere"
        refusal(await send(url, "GET", headers=[("Origin", ORIGIN)]), 404, "not_found")


async def until_it_answers(client: httpx2.AsyncClient) -> None:
    """Wait until a service listens."""

    async def look() -> bool:
        try:
            return (await client.get("/healthz")).status_code == 200
        except httpx2.TransportError:
            return False

    await wait_until("the service listens", look, limit_seconds=30)
