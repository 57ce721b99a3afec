"""The report of a run, as Markdown beside its plots."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import linear_regression
from typing import Final

from otel.rules.objectives import PROMISED_SECONDS
from tests.load.bench import machine
from tests.load.slo import plots
from tests.load.slo.analysis import PARTS, PERCENTILES, Result, carried, percentile, saturation
from tests.load.slo.model_latency import MODEL_LATENCY
from tests.load.slo.plan import PROMISED_SHARE

GATEWAY: Final = "chat-gateway"


def write(
    results: Sequence[Result],
    *,
    reports: Path,
    began_at: datetime,
    place: str,
    command: str,
    accounting: str,
) -> Path:
    """Write `slo-<date>.md` and its plots.

    Args: reports: folder. place: where it was measured. accounting: what the database said.
    Returns: the report's path.
    """
    name = f"slo-{began_at:%Y-%m-%d-%H%M}"
    folder = reports / name
    folder.mkdir(parents=True, exist_ok=True)
    plots.draw(results, folder)
    pictures = [f"![{picture}]({name}/{picture}.svg)" for picture in plots.NAMES]
    text = "\n".join(
        [
            f"# The promise, measured on {began_at:%d %B %Y, %H:%M} UTC",
            "",
            f"`{command}` on {place}: {machine()}. Arrivals are a Poisson process that waits for no"
            " answer, each one turn of a signed-in person; a turn is timed from when it was due."
            f" The model: {_latency()} (docs/slo.md).",
            "",
            *verdict(results),
            *cost_of_a_turn(results),
            f"- {accounting}",
            "",
            "## Whole turns",
            *_turns(results),
            "",
            *pictures[:2],
            "",
            "## Where the time goes",
            "p50 / p95 / p99 in milliseconds, of answered turns. *Model* is the time in which the"
            " turn waited for the model, repeated requests and hedges included; *open*, *agent* and"
            " *close* are the turn's three steps, and the model is most of *agent*.",
            "",
            *_parts(results),
            "",
            pictures[2],
            "",
            "## What it costs",
            "Cores: CPU seconds a second. The load generator stands by itself, and what the machine"
            " did besides is the last column. Memory: the most that was seen.",
            "",
            *_costs(results),
            "",
            pictures[3],
            "",
        ]
    )
    path = reports / f"{name}.md"
    path.write_text(text)
    return path


def verdict(results: Sequence[Result]) -> list[str]:
    """The promise, judged: one line for each thing that a person would ask."""
    lines = []
    for one in results:
        if not one.stage.hedging:
            lines.append(_without_hedges(one))
    best, full = carried(results), saturation(results)
    promise = f"{PROMISED_SHARE:.0%} of turns within {PROMISED_SECONDS} s"
    if best is None:
        lines.append(f"- **The promise ({promise}) is broken at every rate.**")
    else:
        replica = best.used.get(GATEWAY)
        cost = f", with {replica.cores:.2f} of a core for it" if replica else ""
        lines.append(
            f"- **The promise ({promise}) is kept up to {best.throughput:.1f} turns/s of one"
            f" chat-gateway**: {best.within_promise:.1%} in time, p95"
            f" {percentile(best.seconds, 0.95):.2f} s{cost}."
        )
    if full is None:
        lines.append("- Saturation: not reached; every rate was kept up with.")
    else:
        busy = f"{full.machine.busy:.1f} of {full.machine.cores} cores busy"
        lines.append(
            f"- Saturation: at {full.offered:.1f} arrivals/s {full.throughput:.1f} answers/s came"
            f" out ({busy})."
        )
    return lines


def cost_of_a_turn(results: Sequence[Result]) -> list[str]:
    """What one turn costs the gateway, where its process could be seen."""
    seen = [one for one in results if one.stage.hedging and GATEWAY in one.used and one.throughput]
    if len({one.most_in_flight for one in seen}) < 2:
        return []
    # Where it is not kept up with, turns pile up, and what they cost is not yet an answer's.
    carried_well = [one for one in seen if one.keeps_up] or seen
    cpu_ms = [one.used[GATEWAY].cores / one.throughput * 1000 for one in carried_well]
    memory = linear_regression(
        [one.most_in_flight for one in seen], [one.used[GATEWAY].memory_mb for one in seen]
    )
    return [
        f"- A turn costs chat-gateway {min(cpu_ms):.1f}–{max(cpu_ms):.1f} ms of CPU:"
        f" {1000 / max(cpu_ms):.0f}–{1000 / min(cpu_ms):.0f} turns/s for a whole core of it.",
        f"- Its memory: {memory.intercept:.0f} MB, and {memory.slope * 1000:.0f} kB for each turn"
        " in flight (a line through all rates).",
    ]


def _without_hedges(one: Result) -> str:
    return (
        f"- Without hedges, at {one.offered:.1f} turns/s: {one.within_promise:.1%} in time, p95"
        f" {percentile(one.seconds, 0.95):.2f} s."
    )


def _turns(results: Sequence[Result]) -> list[str]:
    rows = [
        [
            one.stage.name,
            str(one.arrivals),
            f"{one.throughput:.1f}",
            *(f"{percentile(one.seconds, share):.2f}" for share in PERCENTILES),
            f"{one.within_promise:.1%}",
            f"{one.error_share:.2%}" + _codes(one),
            str(one.most_in_flight),
            f"{one.lag * 1000:.0f}",
        ]
        for one in results
    ]
    return table(
        "rate|arrivals|answers/s|p50 s|p95 s|p99 s|in time|errors|most in flight|generator lag ms",
        rows,
    )


def _codes(one: Result) -> str:
    return "".join(f" {code} {number}" for code, number in sorted(one.errors.items()))


def _parts(results: Sequence[Result]) -> list[str]:
    def cell(one: Result, part: str) -> str:
        found = one.parts[part]
        if not found:
            return "–"
        return " / ".join(f"{percentile(found, share) * 1000:.0f}" for share in PERCENTILES)

    rows = [[one.stage.name, *(cell(one, part) for part in PARTS)] for one in results]
    return table("rate|" + "|".join(PARTS), rows)


def _costs(results: Sequence[Result]) -> list[str]:
    names = list(dict.fromkeys(name for one in results for name in one.used))
    rows = []
    for one in results:
        ours = sum(used.cores for used in one.used.values())
        rows.append(
            [
                one.stage.name,
                *(
                    f"{one.used[name].cores:.2f}, {one.used[name].memory_mb:.0f} MB"
                    for name in names
                ),
                f"{max(0.0, one.machine.busy - ours):.2f}",
                ", ".join(f"{role} {number}" for role, number in sorted(one.connections.items())),
            ]
        )
    return table("rate|" + "|".join(names) + "|others|connections", rows)


def _used(one: Result, name: str) -> str:
    used = one.used.get(name)
    return f"{used.cores:.2f}, {used.memory_mb:.0f} MB" if used else "–"


def table(heads: str, rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table, the first column to the left. Args: heads: separated by `|`."""
    columns = heads.split("|")
    return [
        f"| {' | '.join(columns)} |",
        f"| --- |{' ---: |' * (len(columns) - 1)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _latency() -> str:
    return ", ".join(f"`{name}={value}`" for name, value in MODEL_LATENCY.items())
