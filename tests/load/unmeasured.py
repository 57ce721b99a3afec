"""`python -m tests.load.unmeasured`: chat-gateway as it is, but for metrics that record nothing.

Beside the real one it shows what recording a turn's metrics costs.
"""

from typing import Any

from chat_gateway.agent.tracing import silence_sdk_traces
from chat_gateway.app import create_app
from chat_gateway.settings import GatewaySettings
from chat_gateway.state import Observation
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.telemetry.request_metrics import RequestMetrics
from prometheus_client import CollectorRegistry
from servicekit.serve import serve
from servicekit.settings import load
from servicekit.telemetry.service_metrics import PoolMetrics
from servicekit.telemetry.setup import set_up_telemetry

BLOCKS = {"turn_in_flight"}
"""What a `with` is written around; it stays as it is."""


def nothing(*_: Any, **__: Any) -> None:
    """Record nothing."""


def silence(metrics: type[GatewayMetrics | RequestMetrics | PoolMetrics]) -> dict[str, Any]:
    """Every public method of a class that records, replaced by one that does not."""
    recording = [name for name in vars(metrics) if not name.startswith("_")]
    return {name: nothing for name in recording if name not in BLOCKS}


def main() -> None:
    """Serve until SIGTERM."""
    settings = load(GatewaySettings)
    set_up_telemetry("chat-gateway", log_level=settings.log_level)
    silence_sdk_traces()
    metrics = type("Unmeasured", (GatewayMetrics,), silence(GatewayMetrics))(CollectorRegistry())
    metrics.requests = type("Unmeasured", (RequestMetrics,), silence(RequestMetrics))(
        CollectorRegistry()
    )
    metrics.process.pool = type("Unmeasured", (PoolMetrics,), silence(PoolMetrics))(
        CollectorRegistry()
    )
    app = create_app(settings, Observation(metrics, tracing=False))
    serve(app, settings, app.readiness)


if __name__ == "__main__":
    main()
