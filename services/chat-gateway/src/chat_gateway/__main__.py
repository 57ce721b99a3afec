"""`python -m chat_gateway`: read the settings once, serve until told to stop."""

from servicekit.settings import load
from servicekit.workers import run

from chat_gateway.serving import serve_one
from chat_gateway.settings import GatewaySettings
from chat_gateway.state import APPLICATION_NAME


def main() -> None:
    """Run the service. Exits with 2 when a setting is wrong, 0 after SIGTERM."""
    run(APPLICATION_NAME, load(GatewaySettings), serve_one)


if __name__ == "__main__":
    main()
