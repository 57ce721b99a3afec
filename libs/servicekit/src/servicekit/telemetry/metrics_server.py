"""Metrics: `/metrics` for Prometheus on a port of its own, which no edge routes to.

A scraper that asks for OpenMetrics, as Prometheus does, is given exemplars too.
"""

from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    disable_created_metrics,
    start_http_server,
)


class MetricsServer:
    """A running metrics endpoint. `port` is the one it really listens on."""

    def __init__(self, server: WSGIServer, thread: Thread) -> None:
        self._server = server
        self._thread = thread
        self.port: int = server.server_port

    def close(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve_metrics(
    port: int, *, host: str = "127.0.0.1", registry: CollectorRegistry = REGISTRY
) -> MetricsServer:
    """Serve the process's metrics from a thread, so that a blocked event loop can still be seen.

    Args: port: 0 takes any free one. host: address to listen on.
    Raises: OSError: the port is taken.
    """
    # A series more for each would say when the process was started.
    disable_created_metrics()  # type: ignore[no-untyped-call] # prometheus-client gives it no types
    server, thread = start_http_server(port, addr=host, registry=registry)
    return MetricsServer(server, thread)
