"""Serving: uvicorn with our limits, our logs, and an end that loses nothing.

uvicorn keeps its own signal handling. On SIGTERM or SIGINT: `/readyz` turns to 503 and the listener
closes (in 0.1 s), open requests get `graceful_shutdown_seconds`, the lifespan ends, and the process
exits with 0. Who needs requests to be accepted for longer waits before the signal: the chart's pods
do, in `preStop`.
"""

import logging
import signal
from contextlib import ExitStack
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from servicekit.answers import PrivateAnswersMiddleware
from servicekit.connections import bounded
from servicekit.framing import FramingMiddleware
from servicekit.probes import Readiness
from servicekit.settings import ServiceSettings
from servicekit.telemetry.metrics_server import MetricsServer, serve_metrics

# What comes in pieces is given up here, without an answer; below, FramingMiddleware says why.
MAX_INCOMPLETE_BYTES: Final = 65_536
# asyncio takes as many connections in one go, before it reads from any: with 2,048 of uvicorn's own
# a burst of 12,000 with a part of a head each cost 31 MB, with these 10 (uvicorn 0.54).
ACCEPTED_AT_ONCE: Final = 256
KEEP_ALIVE_SECONDS: Final = 75  # longer than clients' pools keep a connection, so that they close
EXIT_CODE_NOT_STARTED: Final = 3
_logger = logging.getLogger(__name__)


class _DrainingServer(uvicorn.Server):
    """uvicorn that says so when it begins to stop, and ends with 0 when it was asked to."""

    def __init__(self, config: uvicorn.Config, readiness: Readiness | None) -> None:
        super().__init__(config)
        self._readiness = readiness

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """As uvicorn's, which would also raise the signal again at the end and so exit with 143."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Say whether to leave the main loop, and to the probes that we do."""
        leaves = await super().on_tick(counter)
        if leaves and self._readiness is not None:
            self._readiness.drain()
        return leaves


def serve(app: ASGIApp, settings: ServiceSettings, readiness: Readiness | None = None) -> None:
    """Serve an app, and `/metrics` beside it, until SIGTERM or SIGINT. Blocks.

    Args: readiness: told when shutdown begins.
    Raises: SystemExit(3): the app or a listener could not be started; the log says why.
    """
    server = _DrainingServer(_config(app, settings), readiness)
    with ExitStack() as opened:
        if settings.metrics_port is not None:
            opened.callback(_start_metrics(settings.metrics_port, settings.host).close)
        server.run()
    if not server.started:
        raise SystemExit(EXIT_CODE_NOT_STARTED)


def _config(app: ASGIApp, settings: ServiceSettings) -> uvicorn.Config:
    return uvicorn.Config(
        PrivateAnswersMiddleware(FramingMiddleware(app)),
        host=settings.host,
        port=settings.port,
        http=bounded(settings.max_connections),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # a span and a metric per request say more
        server_header=False,
        proxy_headers=False,  # nothing here trusts X-Forwarded-*
        backlog=ACCEPTED_AT_ONCE,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.graceful_shutdown_seconds,
        h11_max_incomplete_event_size=MAX_INCOMPLETE_BYTES,
    )


def _start_metrics(port: int, host: str) -> MetricsServer:
    """Serve `/metrics`. Raises: SystemExit(3): the port is taken; the log says so."""
    try:
        return serve_metrics(port, host=host)
    except OSError as error:
        _logger.error(
            "failed to serve metrics on port %d: %s; set METRICS_PORT to another one, 0 for any",
            port,
            error.strerror,
        )
        raise SystemExit(EXIT_CODE_NOT_STARTED) from None
