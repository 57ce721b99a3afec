"""Metrics of turns that somebody listens to while they run."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from servicekit.telemetry.exemplars import current_exemplar

FIRST_TEXT_BUCKETS: Final = (
    0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0, 15.0, 30.0,
)  # fmt: skip


RETRACTIONS: Final = (
    "abandoned", "before_calls", "cut", "failed", "nonsense", "rate_limited", "refused",
    "rewritten", "server_error", "stall", "timeout", "unreachable",
)  # fmt: skip
"""Why texts are taken back. There at 0 from the start, so that rate() sees the first of each."""
ENDS: Final = ("read", "left", "error")
"""There at 0 from the start, so that rate() sees the first of each."""


class StreamMetrics:
    """How soon a person reads something, and how often it does not stand."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._first_text = Histogram(
            "taskchat_turn_first_text_seconds",
            "From a streamed turn's request until the first text that it says.",
            buckets=FIRST_TEXT_BUCKETS,
            registry=registry,
        )
        self._retractions = Counter(
            "taskchat_turn_retractions_total",
            "Texts that streamed turns took back, by reason.",
            ["reason"],
            registry=registry,
        )
        for reason in RETRACTIONS:
            self._retractions.labels(reason)

        self._streams = Counter(
            "taskchat_streams_total",
            "Answers that were written while their turn ran, by how that ended: read, left (the"
            " reader was gone before) or error.",
            ["ended"],
            registry=registry,
        )
        for ended in ENDS:
            self._streams.labels(ended)

    def first_text_said(self, seconds: float) -> None:
        """A turn says its first text. Args: seconds: since the request came."""
        self._first_text.observe(seconds, current_exemplar())

    def text_retracted(self, reason: str) -> None:
        """What was said does not count. Args: reason: one of RETRACTIONS."""
        self._retractions.labels(reason).inc()

    def stream_ended(self, ended: str) -> None:
        """A stream was written to its end, or nobody read it. Args: ended: one of ENDS."""
        self._streams.labels(ended).inc()
