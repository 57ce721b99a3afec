"""From arrivals to numbers: percentiles, throughput, the verdict."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from otel.rules.objectives import PROMISED_SECONDS
from tests.load.slo.load import Arrival
from tests.load.slo.plan import PROMISED_SHARE, Stage
from tests.load.slo.resources import Machine, Used
from tests.load.slo.system import Summary

PERCENTILES: Final = (0.50, 0.95, 0.99)
PARTS: Final = ("model", "beyond the model", "open", "agent", "close")
KEPT_UP_SHARE: Final = 0.9
"""A rate is carried if at least so many of its arrivals are answered within its own time."""


@dataclass(frozen=True, slots=True)
class Result:
    """One stage, measured without its warm-up.

    seconds: of the answered turns, sorted, each from when it was due. parts: seconds of the same
    turns by part, sorted, as the gateway summed them up. throughput: answers within the measured
    time, per second of it. errors: by code. most_in_flight: arrivals under way at one moment.
    lag: 99th percentile of how late the generator was, in seconds.
    """

    stage: Stage
    arrivals: int
    seconds: tuple[float, ...]
    parts: Mapping[str, tuple[float, ...]]
    throughput: float
    errors: Mapping[str, int]
    most_in_flight: int
    lag: float
    used: Mapping[str, Used]
    machine: Machine
    connections: Mapping[str, int]

    @property
    def offered(self) -> float:
        """Arrivals per second that there really were."""
        return self.arrivals / self.stage.seconds

    @property
    def error_share(self) -> float:
        """Arrivals without an answer, 0 to 1."""
        return sum(self.errors.values()) / self.arrivals if self.arrivals else 0.0

    @property
    def within_promise(self) -> float:
        """Share of all arrivals that were answered in time; an error is not."""
        in_time = sum(one <= PROMISED_SECONDS for one in self.seconds)
        return in_time / self.arrivals if self.arrivals else 0.0

    @property
    def keeps_promise(self) -> bool:
        """Whether enough of them were."""
        return self.within_promise >= PROMISED_SHARE

    @property
    def keeps_up(self) -> bool:
        """Whether as many answers came out as arrivals went in."""
        return self.throughput >= self.offered * KEPT_UP_SHARE


def percentile(ordered: Sequence[float], share: float) -> float:
    """Nearest rank; NaN of nothing. Args: ordered: ascending. share: 0 < share ≤ 1."""
    if not ordered:
        return float("nan")
    return ordered[max(1, -int(-share * len(ordered) // 1)) - 1]


def measure(
    stage: Stage,
    arrivals: Sequence[Arrival],
    summaries: Sequence[Summary],
    used: Mapping[str, Used],
    machine: Machine,
    connections: Mapping[str, int],
) -> Result:
    """Put one stage together. Args: summaries: of the gateway, of this and other stages."""
    end = stage.warm_up_seconds + stage.seconds
    measured = [one for one in arrivals if one.at >= stage.warm_up_seconds]
    answered = [one for one in measured if one.answered]
    done_in_time = [
        one for one in arrivals if one.answered and stage.warm_up_seconds <= done_at(one) < end
    ]
    by_turn = {found["turn_id"]: found for found in summaries if found["outcome"] == "completed"}
    parts = [_parts(by_turn[one.turn_id]) for one in answered if one.turn_id in by_turn]
    return Result(
        stage=stage,
        arrivals=len(measured),
        seconds=tuple(sorted(one.seconds for one in answered)),
        parts={name: tuple(sorted(part[name] for part in parts)) for name in PARTS},
        throughput=len(done_in_time) / stage.seconds,
        errors=Counter(one.code or f"HTTP {one.status}" for one in measured if not one.answered),
        most_in_flight=_most_in_flight(arrivals),
        lag=percentile(sorted(one.lag for one in measured), 0.99),
        used=used,
        machine=machine,
        connections=connections,
    )


def done_at(arrival: Arrival) -> float:
    """When its answer came, in seconds of the stage."""
    return arrival.at + arrival.seconds


def saturation(results: Sequence[Result]) -> Result | None:
    """The first rate that was not kept up with, if there was one."""
    return next((one for one in results if one.stage.hedging and not one.keeps_up), None)


def carried(results: Sequence[Result]) -> Result | None:
    """The highest rate within the promise, below the first one that breaks it."""
    best = None
    for one in results:
        if not one.stage.hedging:
            continue
        if not (one.keeps_promise and one.keeps_up):
            break
        best = one
    return best


def _parts(summary: Summary) -> Mapping[str, float]:
    seconds = {name: summary[f"{name}_ms"] / 1000 for name in ("model", "open", "agent", "close")}
    return {**seconds, "beyond the model": summary["duration_ms"] / 1000 - seconds["model"]}


def _most_in_flight(arrivals: Sequence[Arrival]) -> int:
    moments = [(one.at, 1) for one in arrivals] + [(done_at(one), -1) for one in arrivals]
    most = now = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most
