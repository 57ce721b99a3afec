"""`python -m mcp_tools`: read the settings once, serve until told to stop."""

from servicekit.settings import load
from servicekit.workers import run

from mcp_tools.app import APPLICATION_NAME
from mcp_tools.serving import serve_one
from mcp_tools.settings import Settings


def main() -> None:
    """Run the service. Exits with 2 when a setting is wrong, 0 after SIGTERM."""
    run(APPLICATION_NAME, load(Settings), serve_one)


if __name__ == "__main__":
    main()
