"""The simulator over real HTTP."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from .running import KEY, running_simulator


@pytest.fixture(scope="session")
def simulator_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of a simulator that all tests share: each uses words of its own."""
    with running_simulator(tmp_path_factory.mktemp("simulator")) as url:
        yield url


@pytest.fixture
async def http(simulator_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with the right key."""
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx2.AsyncClient(
        base_url=simulator_url, headers=headers, trust_env=False, timeout=20
    ) as client:
        yield client
