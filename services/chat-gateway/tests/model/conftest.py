"""The endpoint that the first contact is made with."""

from collections.abc import AsyncIterator

import pytest

from ..equipment.endpoint import Endpoint, served


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with served(Endpoint()) as serving:
        yield serving
