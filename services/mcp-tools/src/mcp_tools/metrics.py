"""Metrics of this service. Every label has few values, none of them from a person."""

from typing import Final

from prometheus_client import Counter, Histogram

UNKNOWN_TOOL: Final = "unknown"
OK: Final = "ok"

_DURATION: Final = Histogram(
    "taskchat_tool_call_duration_seconds",
    "Tool calls that ran, by tool and outcome (ok or the error's code).",
    ("tool", "outcome"),
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
_REPLAYS: Final = Counter(
    "taskchat_tool_call_replays_total",
    "Tool calls that were answered from their row, by tool and outcome.",
    ("tool", "outcome"),
)


def tool_call_recorded(tool: str, outcome: str, *, duration_ms: float, replayed: bool) -> None:
    """Count a tool call.

    Args: tool: one of ours or `unknown`. outcome: `ok` or the error's code.
        duration_ms: of the call that ran.
    """
    if replayed:
        _REPLAYS.labels(tool, outcome).inc()
    else:
        _DURATION.labels(tool, outcome).observe(duration_ms / 1000)
