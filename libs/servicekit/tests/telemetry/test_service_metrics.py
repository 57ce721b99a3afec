"""What a service shows about itself: its pool, its keys, and what it was built from."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from prometheus_client import CollectorRegistry
from servicekit.database.engine import create_engine
from servicekit.telemetry.service_metrics import ServiceMetrics
from servicekit.tokens.jwks import JwksCache
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

from ..ledger import Ledger

WAITED_SECONDS = 0.2
NOBODY_LISTENS = "http://127.0.0.1:9/jwks"


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> ServiceMetrics:
    return ServiceMetrics(registry, service="kit", package="taskchat-servicekit", revision="abc")


@pytest.fixture
async def engine(shared_ledger: Ledger, metrics: ServiceMetrics) -> AsyncIterator[AsyncEngine]:
    """A pool of one connection, and one more in a burst."""
    engine = create_engine(
        shared_ledger.service_url, pool_size=1, application_name="tests", metrics=metrics.pool
    )
    yield engine
    await engine.dispose()


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


class TestPool:
    async def test_connections_are_shown_as_they_are_when_somebody_asks(
        self, engine: AsyncEngine, registry: CollectorRegistry
    ) -> None:
        connections = "taskchat_database_pool_connections"
        assert value(registry, "taskchat_database_pool_limit") == 2
        assert value(registry, connections, state="in_use") == 0
        async with engine.connect(), engine.connect():
            assert value(registry, connections, state="in_use") == 2
            assert value(registry, connections, state="idle") == 0
        assert value(registry, connections, state="in_use") == 0
        assert value(registry, connections, state="idle") == 1
        await engine.dispose()
        assert value(registry, connections, state="idle") == 0

    async def test_wait_for_a_connection_is_measured_until_it_comes(
        self, engine: AsyncEngine, registry: CollectorRegistry
    ) -> None:
        async with engine.connect(), engine.connect():
            third = asyncio.create_task(engine.connect().start())
            await asyncio.wait([third], timeout=WAITED_SECONDS)
            assert not third.done()
        await (await third).close()
        assert value(registry, "taskchat_database_pool_wait_seconds_count") == 3
        waited = value(registry, "taskchat_database_pool_wait_seconds_sum")
        assert waited is not None and waited >= WAITED_SECONDS
        assert value(registry, "taskchat_database_pool_timeouts_total") == 0

    async def test_wait_that_the_pool_ends_is_counted_as_a_timeout(
        self, engine: AsyncEngine, registry: CollectorRegistry
    ) -> None:
        # Ten seconds by rights; the engine has no setting for it, and the base pool no such field.
        engine.sync_engine.pool._timeout = 0.05  # type: ignore[attr-defined]
        async with engine.connect(), engine.connect():
            with pytest.raises(PoolTimeoutError):
                await engine.connect().start()
        assert value(registry, "taskchat_database_pool_timeouts_total") == 1
        assert value(registry, "taskchat_database_pool_wait_seconds_count") == 3

    async def test_pool_that_was_made_anew_is_watched_too(
        self, engine: AsyncEngine, registry: CollectorRegistry
    ) -> None:
        await engine.dispose()
        async with engine.connect():
            assert value(registry, "taskchat_database_pool_connections", state="in_use") == 1
        assert value(registry, "taskchat_database_pool_wait_seconds_count") == 1


class TestKeys:
    async def test_keys_that_were_never_loaded_are_infinitely_old(
        self, metrics: ServiceMetrics, registry: CollectorRegistry
    ) -> None:
        async with httpx2.AsyncClient() as client:
            jwks = JwksCache(NOBODY_LISTENS, client, metrics=metrics.keys)
            await jwks.load()
        assert value(registry, "taskchat_jwks_age_seconds") == float("inf")
        assert value(registry, "taskchat_jwks_refresh_failures_total") == 1


def test_build_is_shown(registry: CollectorRegistry, metrics: ServiceMetrics) -> None:
    labels = {"service": "kit", "version": "0.1.0", "revision": "abc"}
    assert value(registry, "taskchat_build_info", **labels) == 1
