"""Starts the simulator: `python -m gemini_simulator`."""

from servicekit.probes import Readiness
from servicekit.serve import serve
from servicekit.settings import load
from servicekit.telemetry.setup import set_up_telemetry

from gemini_simulator.app import create_app
from gemini_simulator.settings import SimulatorSettings


def main() -> None:
    """Read the settings and serve until SIGTERM."""
    settings = load(SimulatorSettings)
    telemetry = set_up_telemetry(
        "gemini-simulator", log_level=settings.log_level, log_level_file=settings.log_level_file
    )
    readiness = Readiness()
    try:
        serve(create_app(settings, readiness), settings, readiness)
    finally:
        telemetry.shutdown()


if __name__ == "__main__":
    main()
