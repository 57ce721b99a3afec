"""A running gateway for the tests of its HTTP."""

from collections.abc import AsyncIterator

import pytest

from ..equipment.gateway import Gateway, running, settings
from ..equipment.issuer import Issuer
from ..equipment.storage import Storage


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer().publishing() as publishing:
        yield publishing


@pytest.fixture
async def gateway(storage: Storage, issuer: Issuer) -> AsyncIterator[Gateway]:
    async with running(settings(storage.service_url, issuer), issuer) as gateway:
        yield gateway


@pytest.fixture
async def other(storage: Storage, issuer: Issuer) -> AsyncIterator[Gateway]:
    """A second process, but for the process: nothing but the database is shared."""
    async with running(settings(storage.service_url, issuer), issuer) as gateway:
        yield gateway
