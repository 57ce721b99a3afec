"""Serving: uvicorn with our limits, our logs, and an end that loses nothing.

uvicorn keeps its own signal handling. On SIGTERM or SIGINT: `/readyz` turns to 503 (in 0.1 s),
requests are still accepted for `drain_seconds`, then the listener closes, open requests get
`graceful_shutdown_seconds`, the lifespan ends, and the process exits with 0.
"""

import asyncio
import logging
import signal
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from servicekit.probes import Readiness
from servicekit.settings import ServiceSettings
from servicekit.telemetry.metrics_server import MetricsServer, serve_metrics

MAX_HEADER_BYTES: Final = 16_384  # a 4 KiB token, an Origin and what proxies add
KEEP_ALIVE_SECONDS: Final = 75  # longer than clients' pools keep a connection, so that they close
EXIT_CODE_NOT_STARTED: Final = 3
_logger = logging.getLogger(__name__)


class _DrainingServer(uvicorn.Server):
    """uvicorn that says so when it begins to stop, and ends with 0 when it was asked to."""

    def __init__(
        self, config: uvicorn.Config, readiness: Readiness | None, drain_seconds: float
    ) -> None:
        super().__init__(config)
        self._readiness = readiness
        self._drain_seconds = drain_seconds
        self._stop_at: float | None = None

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


def serve(app: ASGIApp, settings: ServiceSettings, readiness: Readiness | None = None) -> None:
    """Serve an app, and `/metrics` beside it, until SIGTERM or SIGINT. Blocks.

    Args: readiness: told when shutdown begins.
    Raises: SystemExit(3): the app or a listener could not be started; the log says why.
    """
    server = _DrainingServer(
        uvicorn.Config(
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
        ),
        readiness,
        settings.drain_seconds,
    )
    metrics = _start_metrics(settings)
    try:
        server.run()
    finally:
        if metrics is not None:
            metrics.close()
    if not server.started:
        raise SystemExit(EXIT_CODE_NOT_STARTED)


def _start_metrics(settings: ServiceSettings) -> MetricsServer | None:
    if settings.metrics_port is None:
        return None
    try:
        return serve_metrics(settings.metrics_port, host=settings.host)
    except OSError as error:
        _logger.error(
            "failed to serve metrics on port %d: %s; set METRICS_PORT to another one, 0 for any",
            settings.metrics_port,
            error.strerror,
        )
        raise SystemExit(EXIT_CODE_NOT_STARTED) from None
