"""`python -m mcp_tools`: read the settings once, serve until told to stop."""

from servicekit.probes import Readiness
from servicekit.serve import serve
from servicekit.settings import load
from servicekit.telemetry.setup import set_up_telemetry

from mcp_tools.app import APPLICATION_NAME, create_app
from mcp_tools.metrics import process_metrics
from mcp_tools.settings import Settings


def main() -> None:
    """Run the service. Exits with 2 when a setting is wrong, 0 after SIGTERM."""
    settings = load(Settings)
    telemetry = set_up_telemetry(
        APPLICATION_NAME, log_level=settings.log_level, log_level_file=settings.log_level_file
    )
    readiness = Readiness()
    try:
        metrics = process_metrics(settings.build_revision)
        serve(create_app(settings, readiness, metrics), settings, readiness)
    finally:
        telemetry.shutdown()


if __name__ == "__main__":
    main()
