"""What one run of `make slo` sends, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from otel.rules.objectives import LATENCY

PROMISED_SHARE: Final = 1 - LATENCY.budget
"""Of turns that answer within PROMISED_SECONDS."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One rate of arrivals. hedging: whether the gateway may send hedges (ADR 0016).

    turns_per_second: on average; arrivals are a Poisson process. What arrives in the warm-up is
    sent and accounted for, and not measured.
    """

    turns_per_second: float
    warm_up_seconds: float
    seconds: float
    hedging: bool = True

    @property
    def name(self) -> str:
        """As it is called in the report."""
        return f"{self.turns_per_second:g}/s" + ("" if self.hedging else ", no hedges")


@dataclass(frozen=True, slots=True)
class Plan:
    """All stages of a run, in their order, and how many people speak."""

    stages: tuple[Stage, ...]
    people: int


def rising(turns_per_second: Sequence[float], seconds: float) -> Plan:
    """Rates from low to high, after the lowest one without hedges.

    Args: seconds: of each rate, measured.
    """
    rates = sorted(turns_per_second)
    stages = [Stage(rate, warm_up_seconds=10, seconds=seconds) for rate in rates]
    return Plan((replace(stages[0], hedging=False), *stages), people=60)


FULL: Final = rising((5, 10, 15, 20, 25, 30, 40), seconds=60)
"""From a rate that is no load at all to one that two cores cannot carry (make bench: 45 turns/s
with a model that answers at once)."""

SHORT: Final = Plan(stages=(Stage(4, warm_up_seconds=5, seconds=40),), people=12)
"""For CI: enough turns to lose or double one, too few to judge a percentile by."""
