"""Serving: uvicorn with our limits, our logs, and an end that loses nothing.

uvicorn keeps its own signal handling. On SIGTERM or SIGINT: `/readyz` turns to 503 (in 0.1 s),
requests are still accepted for `drain_seconds`, then the listener closes, open requests get
`graceful_shutdown_seconds`, the lifespan ends, and the process exits with 0.
"""

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import ExitStack
from socket import socket
from types import FrameType
from typing import Final

import uvicorn
from prometheus_client import REGISTRY
from prometheus_client.registry import Collector
from starlette.types import ASGIApp

from servicekit.probes import Readiness
from servicekit.settings import ServiceSettings
from servicekit.telemetry.metrics_server import MetricsServer, serve_metrics
from servicekit.telemetry.worker_reports import Place, Reporter

MAX_HEADER_BYTES: Final = 16_384  # a 4 KiB token, an Origin and what proxies add
KEEP_ALIVE_SECONDS: Final = 75  # longer than clients' pools keep a connection, so that they close
EXIT_CODE_NOT_STARTED: Final = 3
_logger = logging.getLogger(__name__)


class _DrainingServer(uvicorn.Server):
    """uvicorn that says so when it begins to stop, and ends with 0 when it was asked to."""

    def __init__(
        self,
        config: uvicorn.Config,
        readiness: Readiness | None,
        drain_seconds: float,
        serves: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._readiness = readiness
        self._drain_seconds = drain_seconds
        self._serves = serves
        self._stop_at: float | None = None

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """As uvicorn's; says when requests are accepted."""
        await super().startup(sockets)
        if self.started:
            self._serves()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """As uvicorn's, which would also raise the signal again at the end and so exit with 143."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Say whether to leave the main loop: `drain_seconds` after we were asked to stop."""
        if not await super().on_tick(counter):
            return False
        if self._readiness is not None:
            self._readiness.drain()
        now = asyncio.get_running_loop().time()
        if self._stop_at is None:
            self._stop_at = now + self._drain_seconds
        return self.force_exit or now >= self._stop_at


def serve(
    app: ASGIApp,
    settings: ServiceSettings,
    readiness: Readiness | None = None,
    place: Place | None = None,
) -> None:
    """Serve an app, and `/metrics` beside it, until SIGTERM or SIGINT. Blocks.

    Args: readiness: told when shutdown begins. place: for a worker, whose parent listens and serves
        `/metrics` (workers.py).
    Raises: SystemExit(3): the app or a listener could not be started; the log says why.
    """
    with ExitStack() as opened:

        def serves() -> None:
            if place is not None:
                opened.enter_context(Reporter(place.parent))

        server = _DrainingServer(_config(app, settings), readiness, settings.drain_seconds, serves)
        if place is None and (metrics := start_metrics(settings)) is not None:
            opened.callback(metrics.close)
        server.run(None if place is None else [place.listener])
    if not server.started:
        raise SystemExit(EXIT_CODE_NOT_STARTED)


def _config(app: ASGIApp, settings: ServiceSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # a span and a metric per request say more
        server_header=False,
        proxy_headers=False,  # nothing here trusts X-Forwarded-*
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.graceful_shutdown_seconds,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
    )


def start_metrics(
    settings: ServiceSettings, registry: Collector = REGISTRY
) -> MetricsServer | None:
    """Serve `/metrics` where the settings say.

    Returns: None where they say that there is none.
    Raises: SystemExit(3): the port is taken; the log says so.
    """
    if settings.metrics_port is None:
        return None
    try:
        return serve_metrics(settings.metrics_port, host=settings.host, registry=registry)
    except OSError as error:
        _logger.error(
            "failed to serve metrics on port %d: %s; set METRICS_PORT to another one, 0 for any",
            settings.metrics_port,
            error.strerror,
        )
        raise SystemExit(EXIT_CODE_NOT_STARTED) from None
