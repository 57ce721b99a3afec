"""`python -m tests.load`: run the benchmark and print its tables."""

import argparse
import asyncio

from rich.console import Console

from tests.load.bench import bench, stream_table, table


def main() -> None:
    """Parse the arguments, measure, print. Nothing is asserted: the tables are the result."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--turns", type=int, default=300, help="turns per measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements per row, odd")
    chosen = parser.parse_args()
    console = Console(width=None if Console().is_terminal else 160)
    report = asyncio.run(bench(chosen.turns, chosen.rounds, console))
    console.print(table(report.rows))
    console.print(stream_table(report.streams))


if __name__ == "__main__":
    main()
