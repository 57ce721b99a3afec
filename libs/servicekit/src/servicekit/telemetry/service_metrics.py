"""Metrics that every service with a database and signing keys shows about itself."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_WAIT_BUCKETS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
"""From a connection that lies ready to the pool's own time limit (10 s, database/engine.py)."""


class ConnectionPool(Protocol):
    """As much of SQLAlchemy's QueuePool as is watched."""

    def checkedout(self) -> int:
        """Connections in use."""
        ...

    def checkedin(self) -> int:
        """Connections that lie ready."""
        ...


class PoolMetrics:
    """The database pool of a process. Gauges are read from the pool when Prometheus asks."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._connections = Gauge(
            "taskchat_database_pool_connections",
            "Open database connections, by state: in_use or idle.",
            ["state"],
            registry=registry,
        )
        self._limit = Gauge(
            "taskchat_database_pool_limit",
            "Most database connections that the pool opens, bursts included.",
            registry=registry,
        )
        self._wait = Histogram(
            "taskchat_database_pool_wait_seconds",
            "Time until the pool gave a connection or none: queue, opening, ping before use.",
            buckets=_WAIT_BUCKETS,
            registry=registry,
        )
        self._timeouts = Counter(
            "taskchat_database_pool_timeouts_total",
            "Waits for a connection that the pool's own time limit ended.",
            registry=registry,
        )

    def watch(self, pool: Callable[[], ConnectionPool], limit: int) -> None:
        """Show a pool. Args: pool: gives the engine's pool of the moment. limit: with bursts."""
        self._limit.set(limit)
        self._connections.labels("in_use").set_function(lambda: pool().checkedout())
        self._connections.labels("idle").set_function(lambda: pool().checkedin())

    def waited(self, seconds: float) -> None:
        """Somebody waited for a connection, whether one came or not."""
        self._wait.observe(seconds)

    def timed_out(self) -> None:
        """The pool had no connection within its time limit."""
        self._timeouts.inc()


class KeyMetrics:
    """The cached signing keys of a process (tokens/jwks.py)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._age = Gauge(
            "taskchat_jwks_age_seconds",
            "Time since the signing keys were last loaded; +Inf before the first time. Keys are"
            " refreshed by requests, so it also grows while nobody asks.",
            registry=registry,
        )
        self._failures = Counter(
            "taskchat_jwks_refresh_failures_total",
            "Attempts to load the signing keys that failed.",
            registry=registry,
        )

    def watch(self, age_seconds: Callable[[], float]) -> None:
        """Show the age of a cache's keys whenever Prometheus asks."""
        self._age.set_function(age_seconds)

    def refresh_failed(self) -> None:
        """The keys could not be loaded."""
        self._failures.inc()


class ServiceMetrics:
    """What a process shows about itself.

    Args: registry: one per process; tests bring their own. package: whose version is shown.
        revision: of the source that the process was built from.
    """

    def __init__(
        self, registry: CollectorRegistry, *, service: str, package: str, revision: str
    ) -> None:
        self.pool = PoolMetrics(registry)
        self.keys = KeyMetrics(registry)
        Gauge(
            "taskchat_build_info",
            "1, with what this process was built from.",
            ["service", "version", "revision"],
            registry=registry,
        ).labels(service, _version(package), revision).set(1)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
