"""The commands behind the Makefile: `python -m devstack run`, `chat`, `lint`, `test` and so on."""

import argparse
import signal
import sys
from importlib import import_module
from pathlib import Path

from devstack.stack import checkout

EXIT_INTERRUPTED = 130
# Each module has `command(name, root, folder, env_file) -> exit code`. Only the one that is asked
# for is imported: what `chat` needs would cost `run` a fifth of a second.
MODULES = {
    "run": "devstack.run_command",
    "chat": "devstack.chat",
    "trace": "devstack.local_traces.command",
    "retention": "devstack.person_data",
    "export": "devstack.person_data",
    "erase": "devstack.person_data",
    "lint": "devstack.checks",
    "fmt": "devstack.checks",
    "test": "devstack.checks",
    "cluster": "devstack.cluster.command",
    "deploy": "devstack.cluster.command",
    "dev": "devstack.cluster.command",
    "cluster-test": "devstack.cluster.command",
    "cluster-down": "devstack.cluster.command",
    "dashboards": "devstack.dashboards.command",
    "generate": "devstack.chart.command",
    "tools": "devstack.tools.command",
}


def main() -> int:
    """Run a command; return its exit code."""
    root = checkout()
    parser = argparse.ArgumentParser(prog="python -m devstack")
    parser.add_argument("command", choices=MODULES)
    parser.add_argument(
        "--folder", type=Path, default=root / ".taskchat", help="data, logs and secrets of a run"
    )
    parser.add_argument("--env-file", type=Path, default=root / ".env", help="settings of run")
    options = parser.parse_args()
    # A shell without job control starts what is in the background with SIGINT ignored; who sends us
    # one there still means the end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    module = import_module(MODULES[options.command])
    try:
        code: int = module.command(options.command, root, options.folder, options.env_file)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return code


if __name__ == "__main__":
    sys.exit(main())
