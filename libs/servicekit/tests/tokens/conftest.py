"""Keys, their server, and a client as the services make it."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from servicekit.tokens.jwks import JwksCache
from servicekit.tokens.verifier import TokenVerifier

from .hostile_tokens import AUDIENCE, ISSUER
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


@pytest.fixture
async def verifier(
    key_server: KeyServer, client: httpx2.AsyncClient
) -> AsyncIterator[TokenVerifier]:
    cache = JwksCache(key_server.url, client)
    await cache.load()
    yield TokenVerifier(cache, ISSUER, AUDIENCE)
    await cache.close()
