"""Keys, their server, and a client as the services make it."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from .key_server import KeyServer, Signer


@pytest.fixture
def signer() -> Signer:
    return Signer()


@pytest.fixture
async def key_server(signer: Signer) -> AsyncIterator[KeyServer]:
    server = await KeyServer(signer).start()
    yield server
    server.answering.set()
    await server.stop()


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False, timeout=2.0) as client:
        yield client
