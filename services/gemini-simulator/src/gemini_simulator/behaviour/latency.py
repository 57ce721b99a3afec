"""How long the model thinks: a seeded log-normal distribution, as measured models have a long tail.

The defaults (median 450 ms to the first token, sigma 0.55, 4 ms a token) give a p95 of 1.1 s for
the first token; they are a working assumption about a flash model. One log-normal cannot be both a
quick median and a p99 of many seconds, which public measurements show together: a share of the
answers can stand in a queue before they begin. docs/slo.md has the figures that `make slo` sets.
"""

import math
import random
from dataclasses import dataclass

TOKEN_SIGMA = 0.25  # tokens come steadier than the first one; assumption


@dataclass(frozen=True)
class Delay:
    """The time that one answer takes: seconds to the first token, seconds per further token."""

    first_token_seconds: float = 0.0
    per_token_seconds: float = 0.0

    def whole_seconds(self, tokens: int) -> float:
        """Seconds until an answer of so many tokens is complete."""
        return self.first_token_seconds + max(0, tokens - 1) * self.per_token_seconds


@dataclass(frozen=True)
class Queue:
    """What some answers wait for before they begin. share: of all answers, 0 to 1."""

    share: float = 0.0
    median_ms: float = 6_000.0
    sigma: float = 0.5


class Latency:
    """Draws delays; the n-th draw is the same in every process with the same seed."""

    def __init__(
        self,
        *,
        seed: int,
        ttft_median_ms: float,
        ttft_sigma: float,
        token_ms: float,
        is_on: bool,
        queue: Queue | None = None,
    ) -> None:
        self._random = random.Random(f"latency:{seed}")
        # A stream of its own: with or without a queue, the other draws are the same.
        self._queue_random = random.Random(f"queue:{seed}")
        self._mu = math.log(ttft_median_ms / 1000)
        self._sigma = ttft_sigma
        self._token_seconds = token_ms / 1000
        self._is_on = is_on
        self._queue = queue or Queue()

    def draw(self) -> Delay:
        """The delay of the next answer; zero when latency is off."""
        if not self._is_on:
            return Delay()
        return Delay(
            first_token_seconds=self._random.lognormvariate(self._mu, self._sigma)
            + self._queued_seconds(),
            per_token_seconds=self._token_seconds * self._random.lognormvariate(0, TOKEN_SIGMA),
        )

    def _queued_seconds(self) -> float:
        queue = self._queue
        if self._queue_random.random() >= queue.share:
            return 0.0
        return self._queue_random.lognormvariate(math.log(queue.median_ms / 1000), queue.sigma)
