"""When turns are due. By itself, because importing Locust changes the whole process."""

import random
from collections.abc import Iterator


def arrivals(turns_per_second: float, seconds: float, dice: random.Random) -> Iterator[float]:
    """Times of a Poisson process, in seconds from its beginning."""
    at = dice.expovariate(turns_per_second)
    while at < seconds:
        yield at
        at += dice.expovariate(turns_per_second)
