"""The engine: a pool that survives PgBouncer in transaction mode and a database that sleeps."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from servicekit.database.pool import WatchedPool
from servicekit.database.urls import asyncpg_url
from servicekit.telemetry.service_metrics import PoolMetrics
from servicekit.telemetry.sql import instrument_engine

CONNECT_TIMEOUT_SECONDS: Final = 10.0  # a sleeping Neon database wakes in less
COMMAND_TIMEOUT_SECONDS: Final = 35.0  # above statement_timeout (30 s): for a server that is gone
POOL_TIMEOUT_SECONDS: Final = 10.0  # a burst waits its turn; deadlines end the wait sooner
RECYCLE_SECONDS: Final = 240  # below the idle limits of Neon (300 s) and of common NAT tables


def create_engine(
    url: str, *, pool_size: int = 5, application_name: str, metrics: PoolMetrics | None = None
) -> AsyncEngine:
    """Make the process's one engine; dispose it in the lifespan.

    Args: url: libpq form. pool_size: connections kept; as many again may be opened in a burst.
        application_name: shown in pg_stat_activity. metrics: shown the pool, if given.
    Raises: ValueError: the URL cannot be used (see `asyncpg_url`).
    Source: measured through PgBouncer: named prepared statements fail 1,027 of 1,500 queries, so
        both caches are off and no name function is given; NullPool is 6 times slower.
    """
    asyncpg, connect_args = asyncpg_url(url)
    engine = create_async_engine(
        asyncpg,
        poolclass=WatchedPool,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_recycle=RECYCLE_SECONDS,
        pool_pre_ping=True,
        pool_use_lifo=True,  # lets surplus connections grow old, and the database fall asleep
        hide_parameters=True,  # people's words stay out of exceptions and logs
        connect_args={
            "timeout": CONNECT_TIMEOUT_SECONDS,
            "command_timeout": COMMAND_TIMEOUT_SECONDS,
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            # The one setting that PgBouncer takes at connect; all others are the role's.
            "server_settings": {"application_name": application_name},
            **connect_args,
        },
    )
    instrument_engine(engine)
    if metrics is not None:
        _watch_pool(engine, metrics, limit=2 * pool_size)
    return engine


def _watch_pool(engine: AsyncEngine, metrics: PoolMetrics, *, limit: int) -> None:
    def pool() -> WatchedPool:
        found = engine.sync_engine.pool
        assert isinstance(found, WatchedPool)
        return found

    pool().metrics = metrics
    metrics.watch(pool, limit)
