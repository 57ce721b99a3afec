"""`make eval`: the success rate by category, and whether anything was touched that must not be.

With GEMINI_API_KEY set the real model is asked (GEMINI_MODEL chooses which), three times; else the
simulator, once.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from devstack.stack import StackUrls

from tests.evals.case import Case
from tests.evals.collection import all_cases
from tests.evals.report import failures, shortfalls, table
from tests.evals.runner import CONCURRENCY, Result, run_cases
from tests.evals.system import is_real_model, running_system

REPORTED_EACH = 50  # cases, where there is no terminal
RUNS = 3  # of a real model: it does not answer the same way twice


def main() -> int:
    """Run, print, and return 1 when a floor is not reached."""
    arguments = _arguments()
    cases = all_cases(arguments.category)
    print(f"{len(cases)} cases against {'Gemini' if is_real_model() else 'the simulator'}")
    with running_system() as urls:
        runs = [_run(urls, cases, arguments.concurrency) for _ in range(arguments.runs)]
    failed = failures(runs, is_real_model=is_real_model())
    missing = list(shortfalls(runs, is_real_model=is_real_model()))
    print("", *failed, "", *table(runs), "", *missing, sep="\n")
    return 1 if missing else 0


def _run(urls: StackUrls, cases: Sequence[tuple[str, Case]], concurrency: int) -> Sequence[Result]:
    ended: list[Result] = []

    def show_progress(result: Result) -> None:
        ended.append(result)
        right = sum(one.is_success for one in ended)
        if sys.stdout.isatty():
            print(f"\r{len(ended)}/{len(cases)} run, {right} right", end="", flush=True)
        elif len(ended) % REPORTED_EACH == 0:
            print(f"{len(ended)}/{len(cases)} run, {right} right", flush=True)

    return asyncio.run(run_cases(urls, cases, concurrency=concurrency, on_result=show_progress))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.evals", description=__doc__)
    parser.add_argument("category", nargs="*", help="run these categories only")
    parser.add_argument("--concurrency", type=int, default=CONCURRENCY, help="people at once")
    runs = RUNS if is_real_model() else 1
    parser.add_argument("--runs", type=int, default=runs, help="how often each case is run")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
