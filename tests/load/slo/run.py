"""One run: a system, its stages in their order, what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devstack.people import Person
from rich.console import Console

from tests.load.slo import accounting, analysis
from tests.load.slo.analysis import Result, percentile
from tests.load.slo.load import Arrival, send
from tests.load.slo.plan import Plan, Stage
from tests.load.slo.resources import Machine, Meter, Used
from tests.load.slo.system import System

PODS_EVERY_SECONDS = 15
"""Kubernetes' own measurements are no fresher."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """results: in the order of the stages. faults: lost and doubled work, in sentences; None where
    the database could not be looked into."""

    results: Sequence[Result]
    arrivals: Sequence[Arrival]
    faults: Sequence[str] | None


async def run(plan: Plan, system: System, directory: Path, console: Console) -> Outcome:
    """Sign people up, send every stage, compare what they were told with what is stored.

    Args: directory: gets what Locust leaves behind. console: shows how far it is.
    """
    with console.status(f"signing up {plan.people} people"):
        people = await system.people(plan.people)
    results: list[Result] = []
    arrivals: list[Arrival] = []
    for number, stage in enumerate(plan.stages, start=1):
        sent, result = await _stage(stage, people, system, directory, console)
        results.append(result)
        arrivals += sent
        console.print(
            f"{number}/{len(plan.stages)}  {stage.name}: {result.throughput:.1f} answers/s, p95"
            f" {percentile(result.seconds, 0.95):.2f} s, {result.within_promise:.1%} in time,"
            f" errors {result.error_share:.2%}"
        )
    faults = None if system.database is None else await accounting.faults(system.database, arrivals)
    return Outcome(results, arrivals, faults)


async def _stage(
    stage: Stage, people: Sequence[Person], system: System, directory: Path, console: Console
) -> tuple[Sequence[Arrival], Result]:
    meters: list[Meter] = []
    pods: Mapping[str, Used] = {}
    readings: list[tuple[Mapping[str, Used], Machine]] = []
    connections: dict[str, int] = {}
    whole = stage.warm_up_seconds + stage.seconds

    def began(load_generator: int) -> None:
        pids = system.pids(hedging=stage.hedging)
        meters.append(Meter({**pids, "Locust": load_generator}))

    with console.status(stage.name) as status:

        async def progress(answers: int, seconds: float) -> None:
            nonlocal pods
            status.update(f"{stage.name}: {seconds:.0f} of {whole:.0f} s, {answers} answers")
            if seconds > whole:
                return
            meters[0].look()
            readings[:] = [meters[0].read()]
            if round(seconds) % PODS_EVERY_SECONDS == 0:
                pods = await system.pods()
            for role, number in (await system.connections()).items():
                connections[role] = max(connections.get(role, 0), number)

        arrivals = await send(
            stage,
            people,
            system.gateway_url(hedging=stage.hedging),
            directory,
            host=system.host,
            began=began,
            progress=progress,
        )
    used, machine = readings[0]
    summaries = await system.summaries(hedging=stage.hedging)
    return arrivals, analysis.measure(
        stage, arrivals, summaries, {**pods, **used}, machine, connections
    )
