"""The pool: SQLAlchemy's own, which also says how long somebody waited for a connection."""

import time
from typing import Self

from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection

from servicekit.telemetry.service_metrics import PoolMetrics


class WatchedPool(AsyncAdaptedQueuePool):
    """A pool whose waits are measured. metrics: None while nobody watches."""

    metrics: PoolMetrics | None = None

    def connect(self) -> PoolProxiedConnection:
        """Give a connection. Raises: sqlalchemy.exc.TimeoutError: none became free in time."""
        if self.metrics is None:
            return super().connect()
        began = time.perf_counter()
        try:
            return super().connect()
        except PoolTimeoutError:
            self.metrics.timed_out()
            raise
        finally:
            self.metrics.waited(time.perf_counter() - began)

    def recreate(self) -> Self:
        """As its base, which knows nothing of who watches."""
        fresh = super().recreate()
        assert isinstance(fresh, type(self))
        fresh.metrics = self.metrics
        return fresh
