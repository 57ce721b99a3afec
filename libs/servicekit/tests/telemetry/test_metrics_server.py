"""The metrics endpoint: on a port of its own, and gone when it is closed."""

import socket
import urllib.request

import pytest
from prometheus_client import CollectorRegistry, Counter
from servicekit.telemetry.metrics_server import serve_metrics


def test_taken_port_is_an_error() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
    ):
        serve_metrics(taken.getsockname()[1])


def test_metrics_are_served_until_closed() -> None:
    registry = CollectorRegistry()
    Counter("things", "Things that happened.", registry=registry).inc(3)
    server = serve_metrics(0, registry=registry)
    url = f"http://127.0.0.1:{server.port}/metrics"
    with urllib.request.urlopen(url) as response:
        assert b"things_total 3.0" in response.read()
    server.close()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url)
