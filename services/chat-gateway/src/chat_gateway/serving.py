"""One process of the service: telemetry, application, server, from its start to its end."""

from servicekit.serve import serve
from servicekit.telemetry.setup import set_up_telemetry
from servicekit.telemetry.worker_reports import Place

from chat_gateway.agent.tracing import silence_sdk_traces
from chat_gateway.app import create_app
from chat_gateway.metrics import process_metrics
from chat_gateway.settings import GatewaySettings
from chat_gateway.state import APPLICATION_NAME, Observation


def serve_one(settings: GatewaySettings, place: Place | None) -> None:
    """Serve until SIGTERM. Args: place: None for a process of its own, else a worker's."""
    telemetry = set_up_telemetry(
        APPLICATION_NAME, log_level=settings.log_level, log_level_file=settings.log_level_file
    )
    silence_sdk_traces()
    try:
        metrics = process_metrics(settings.build_revision)
        app = create_app(settings, Observation(metrics, tracing=telemetry.tracing))
        serve(app, settings, app.readiness, place)
    finally:
        telemetry.shutdown()
