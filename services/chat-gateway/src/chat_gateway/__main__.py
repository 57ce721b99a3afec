"""`python -m chat_gateway`: read the settings once, serve until told to stop."""

from servicekit.serve import serve
from servicekit.settings import load
from servicekit.telemetry.setup import set_up_telemetry

from chat_gateway.agent.tracing import silence_sdk_traces
from chat_gateway.app import create_app
from chat_gateway.settings import GatewaySettings
from chat_gateway.state import APPLICATION_NAME, Observation
from chat_gateway.telemetry.metrics import process_metrics


def main() -> None:
    """Run the service. Exits with 2 when a setting is wrong, 0 after SIGTERM."""
    settings = load(GatewaySettings)
    telemetry = set_up_telemetry(
        APPLICATION_NAME, log_level=settings.log_level, log_level_file=settings.log_level_file
    )
    silence_sdk_traces()
    try:
        metrics = process_metrics(settings.build_revision)
        app = create_app(settings, Observation(metrics, tracing=telemetry.tracing))
        serve(app, settings, app.readiness)
    finally:
        telemetry.shutdown()


if __name__ == "__main__":
    main()
