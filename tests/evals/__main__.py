"""`make eval`: the success rate on plain English, by category.

With GEMINI_API_KEY set the real model is asked (GEMINI_MODEL chooses which), else the simulator.
"""

import argparse
import asyncio
import sys

from tests.evals.collection import all_cases
from tests.evals.report import FLOOR, failures, success_rate, table
from tests.evals.runner import CONCURRENCY, Result, run_cases
from tests.evals.system import is_real_model, running_system

REPORTED_EACH = 50  # cases, where there is no terminal


def main() -> int:
    """Run, print, and return 1 when the simulator is below the floor."""
    arguments = _arguments()
    cases = all_cases(arguments.category)
    print(f"{len(cases)} cases against {'Gemini' if is_real_model() else 'the simulator'}")
    ended: list[Result] = []

    def show_progress(result: Result) -> None:
        ended.append(result)
        right = sum(one.is_success for one in ended)
        if sys.stdout.isatty():
            print(f"\r{len(ended)}/{len(cases)} run, {right} right", end="", flush=True)
        elif len(ended) % REPORTED_EACH == 0:
            print(f"{len(ended)}/{len(cases)} run, {right} right", flush=True)

    with running_system() as door:
        concurrency = arguments.concurrency
        run = run_cases(door, cases, concurrency=concurrency, on_result=show_progress)
        results = asyncio.run(run)
    print("", *failures(results), "", *table(results), sep="\n")
    return 0 if is_real_model() or success_rate(results) >= FLOOR else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.evals", description=__doc__)
    parser.add_argument("category", nargs="*", help="run these categories only")
    parser.add_argument("--concurrency", type=int, default=CONCURRENCY, help="people at once")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
