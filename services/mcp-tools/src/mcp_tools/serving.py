"""One process of the service: telemetry, application, server, from its start to its end."""

from servicekit.probes import Readiness
from servicekit.serve import serve
from servicekit.telemetry.setup import set_up_telemetry
from servicekit.telemetry.worker_reports import Place

from mcp_tools.app import APPLICATION_NAME, create_app
from mcp_tools.metrics import process_metrics
from mcp_tools.settings import Settings


def serve_one(settings: Settings, place: Place | None) -> None:
    """Serve until SIGTERM. Args: place: None for a process of its own, else a worker's."""
    telemetry = set_up_telemetry(
        APPLICATION_NAME, log_level=settings.log_level, log_level_file=settings.log_level_file
    )
    readiness = Readiness()
    try:
        metrics = process_metrics(settings.build_revision)
        serve(create_app(settings, readiness, metrics), settings, readiness, place)
    finally:
        telemetry.shutdown()
