"""Metrics of this service. Every label has few values, none of them from a person."""

from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from servicekit.telemetry.exemplars import current_exemplar
from servicekit.telemetry.service_metrics import ServiceMetrics

UNKNOWN_TOOL: Final = "unknown"
OK: Final = "ok"

_DURATION: Final = Histogram(
    "taskchat_mcp_tool_call_duration_seconds",
    "Tool calls that ran, by tool and outcome (ok or the error's code).",
    ("tool", "outcome"),
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
_REPLAYS: Final = Counter(
    "taskchat_mcp_tool_call_replays_total",
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
        _DURATION.labels(tool, outcome).observe(duration_ms / 1000, current_exemplar())


def process_metrics(revision: str) -> ServiceMetrics:
    """Pool, keys and build, as the process's `/metrics` shows them. Once per process."""
    return _service_metrics(REGISTRY, revision)


def unread_metrics() -> ServiceMetrics:
    """The same for an application that no `/metrics` shows."""
    return _service_metrics(CollectorRegistry(), "unknown")


def _service_metrics(registry: CollectorRegistry, revision: str) -> ServiceMetrics:
    return ServiceMetrics(
        registry, service="mcp-tools", package="taskchat-mcp-tools", revision=revision
    )
