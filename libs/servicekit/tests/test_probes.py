"""Probes: each can fail, and only `/readyz` does."""

import httpx2
from servicekit.probes import Readiness, probe_routes
from starlette.applications import Starlette


async def probe(readiness: Readiness, path: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(Starlette(routes=probe_routes(readiness)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


async def test_readyz_names_what_is_missing() -> None:
    readiness = Readiness()
    readiness.require("the signing keys")
    readiness.require("the tools' schemas")
    response = await probe(readiness, "/readyz")
    assert response.status_code == 503
    assert response.json()["code"] == "not_ready"
    assert response.json()["detail"] == "waiting for the signing keys, the tools' schemas"


async def test_readyz_is_ready_when_all_is_met() -> None:
    readiness = Readiness()
    readiness.require("the signing keys")
    readiness.met("the signing keys")
    readiness.met("the signing keys")
    response = await probe(readiness, "/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


async def test_readyz_fails_while_draining_and_does_not_come_back() -> None:
    readiness = Readiness()
    readiness.drain()
    readiness.met("anything")
    response = await probe(readiness, "/readyz")
    assert (response.status_code, response.json()["detail"]) == (503, "draining")
    assert not readiness.ready


async def test_healthz_serves_while_not_ready() -> None:
    readiness = Readiness()
    readiness.require("the signing keys")
    readiness.drain()
    response = await probe(readiness, "/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
