"""`python -m chat_gateway`: read the settings once, serve until told to stop."""

from servicekit.serve import serve
from servicekit.settings import load
from servicekit.telemetry.setup import set_up_telemetry

from chat_gateway.agent.tracing import trace_to_opentelemetry
from chat_gateway.app import create_app
from chat_gateway.metrics import process_metrics
from chat_gateway.settings import GatewaySettings
from chat_gateway.state import APPLICATION_NAME, Observation


def main() -> None:
    """Run the service. Exits with 2 when a setting is wrong, 0 after SIGTERM."""
    settings = load(GatewaySettings)
    telemetry = set_up_telemetry(APPLICATION_NAME, log_level=settings.log_level)
    trace_to_opentelemetry(enabled=telemetry.tracing)
    try:
        metrics = process_metrics(settings.build_revision)
        app = create_app(settings, Observation(metrics, tracing=telemetry.tracing))
        serve(app, settings, app.readiness)
    finally:
        telemetry.shutdown()


if __name__ == "__main__":
    main()
