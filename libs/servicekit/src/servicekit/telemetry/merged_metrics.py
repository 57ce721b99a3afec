"""One set of metrics for the workers of a process: each reports its own, the parent adds them up.

prometheus-client's multiprocess mode would write numbers to files that workers share. It knows no
exemplars, no gauge that is read when somebody asks, and no metrics of the process itself.
Source: ADR 0015.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from prometheus_client import Metric
from prometheus_client.samples import Sample

Report = Sequence[Metric]
"""Everything that a worker's registry held at one moment."""

_Key = tuple[str, tuple[tuple[str, str], ...]]

_NOT_ADDED_UP: Final[Mapping[str, Callable[[float, float], float]]] = MappingProxyType(
    {
        "process_max_fds": min,
        "process_start_time_seconds": min,
        "python_info": max,
        "taskchat_build_info": max,
        "taskchat_jwks_age_seconds": max,  # the worker that is worst off is the news
    }
)
"""Gauges of which workers have not a share each."""
_LASTING: Final = frozenset({"counter", "histogram"})


def merge(reports: Iterable[Report]) -> Report:
    """Add up what workers reported.

    Returns: counters, histograms and gauges as sums, except for gauges that say the same of each
        worker; the newest exemplar of each bucket.
    """
    families: dict[str, Metric] = {}
    samples: dict[str, dict[_Key, Sample]] = {}
    for report in reports:
        for metric in report:
            families.setdefault(
                metric.name, Metric(metric.name, metric.documentation, metric.type, metric.unit)
            )
            known = samples.setdefault(metric.name, {})
            for sample in metric.samples:
                key = sample.name, tuple(sorted(sample.labels.items()))
                known[key] = _add(metric.name, known[key], sample) if key in known else sample
    for name, metric in families.items():
        metric.samples = list(samples[name].values())
    return list(families.values())


def lasting(report: Report) -> Report:
    """What stays true when its worker has ended: what has been counted, not what is."""
    return [metric for metric in report if metric.type in _LASTING]


def _add(metric: str, one: Sample, other: Sample) -> Sample:
    combine = _NOT_ADDED_UP.get(metric, float.__add__)
    exemplars = [found for found in (one.exemplar, other.exemplar) if found is not None]
    return one._replace(
        value=combine(float(one.value), float(other.value)),
        exemplar=max(exemplars, key=lambda found: found.timestamp or 0.0, default=None),
    )


class MergedMetrics:
    """What a registry is to `/metrics`, over several workers.

    Args: reports: gives the newest report of each worker, and of those that have ended.
    """

    def __init__(self, reports: Callable[[], Iterable[Report]]) -> None:
        self._reports = reports

    def collect(self) -> Iterator[Metric]:
        """Ask the workers and add up what they say."""
        yield from merge(self._reports())
