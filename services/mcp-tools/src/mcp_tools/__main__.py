"""`python -m mcp_tools`."""

from servicekit.probes import Readiness
from servicekit.serve import serve
from servicekit.settings import load
from servicekit.telemetry.setup import set_up_telemetry

from mcp_tools.app import create_app
from mcp_tools.metrics import process_metrics
from mcp_tools.settings import Settings


def main() -> None:
    """Read the settings and serve until SIGTERM."""
    settings = load(Settings)
    telemetry = set_up_telemetry("mcp-tools", log_level=settings.log_level)
    readiness = Readiness()
    try:
        metrics = process_metrics(settings.build_revision)
        serve(create_app(settings, readiness, metrics), settings, readiness)
    finally:
        telemetry.shutdown()


if __name__ == "__main__":
    main()
