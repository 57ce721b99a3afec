"""`make slo`: send turns at several rates; are 95 % of them answered within five seconds?"""

import argparse
import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.load.slo import report
from tests.load.slo.cluster import cluster_system
from tests.load.slo.plan import FULL, SHORT, Plan, rising
from tests.load.slo.run import Outcome, run
from tests.load.slo.system import System, local_system

ROOT = Path(__file__).resolve().parents[3]
DIRECTORY = ROOT / ".taskchat" / "slo"
REPORTS = ROOT / "reports"


def main() -> int:
    """Run, write the report, and judge.

    Returns: 1 if work was lost or doubled, or, in the short form, a turn failed. Never for timing:
        that is what the report is for.
    """
    parser = argparse.ArgumentParser(prog="make slo", description=__doc__)
    parser.add_argument("--short", action="store_true", help="one low rate, for CI (SHORT=1)")
    parser.add_argument("--target", help="a running system instead of the local stack (TARGET=)")
    parser.add_argument("--rates", type=float, nargs="+", help="turns per second (RATES=)")
    parser.add_argument("--seconds", type=float, default=60, help="of each rate (SECONDS=)")
    chosen = parser.parse_args()
    plan = SHORT if chosen.short else FULL
    if chosen.rates:
        plan = rising(chosen.rates, chosen.seconds)
    if chosen.target:
        plan = Plan(tuple(one for one in plan.stages if one.hedging), plan.people)
    command = "make slo" + (" SHORT=1" if chosen.short else "")
    command += f" TARGET={chosen.target}" if chosen.target else ""
    if chosen.rates:
        rates = " ".join(f"{rate:g}" for rate in chosen.rates)
        command += f' RATES="{rates}" SECONDS={chosen.seconds:g}'
    console = Console(width=None if Console().is_terminal else 160)
    began_at = datetime.now(UTC)
    outcome, place = asyncio.run(_measure(plan, chosen.target, console))
    path = report.write(
        outcome.results,
        reports=REPORTS,
        began_at=began_at,
        place=place,
        command=command,
        accounting=_accounting(outcome),
    )
    console.print("\n".join(report.verdict(outcome.results)), markup=False)
    console.print(f"- {_accounting(outcome)}", markup=False)
    console.print(f"\nreport: {path.relative_to(ROOT)}")
    failed = chosen.short and any(one.errors for one in outcome.results)
    return 1 if outcome.faults or failed else 0


async def _measure(plan: Plan, target: str | None, console: Console) -> tuple[Outcome, str]:
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    async with _system(plan, target, console) as system:
        return await run(plan, system, DIRECTORY, console), system.place


@asynccontextmanager
async def _system(plan: Plan, target: str | None, console: Console) -> AsyncIterator[System]:
    if target:
        async with cluster_system(target) as cluster:
            yield cluster
        return
    without_hedges = any(not one.hedging for one in plan.stages)
    with console.status("starting the local stack"):
        starting = local_system(DIRECTORY / "stack", without_hedges=without_hedges)
        local = await starting.__aenter__()
    try:
        yield local
    finally:
        await starting.__aexit__(None, None, None)


def _accounting(outcome: Outcome) -> str:
    turns = len(outcome.arrivals)
    if outcome.faults is None:
        return f"Of {turns} turns nothing is known of lost or doubled work: no database was given."
    if not outcome.faults:
        return f"Of {turns} turns none was lost, doubled or left open (compared with the database)."
    return f"Of {turns} turns, in the database: " + "; ".join(_first(outcome.faults))


def _first(faults: Sequence[str]) -> list[str]:
    return [*faults[:5], *([f"and {len(faults) - 5} more"] if len(faults) > 5 else [])]


if __name__ == "__main__":
    sys.exit(main())
