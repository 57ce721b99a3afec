"""PromQL: how the dashboards ask for a rate, a quantile or a share.

Every series of our services is multiplied with `taskchat_build_info`, which is 1: that is how the
dashboard's variable `version` reaches metrics that have no such label, and how they get the label
`service`: which job scrapes them says nothing of it. `job` and `instance` are the two labels that
every scrape gives, in a cluster and on a laptop.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WINDOW = "$__rate_interval"
"""Grafana's own: at least four scrapes, more when the picture is of days."""
RANGE = "$__range"
"""The whole time range that the person looks at."""
PROCESS = ("service", "pod", "instance")
"""What tells one process from another; outside of a cluster it has no pod."""
NAMESPACE = 'namespace=~"$namespace"'


@dataclass(frozen=True, slots=True)
class Query:
    """One expression of a panel.

    Attributes: legend: how a series is called, `{{label}}` for its labels' values.
    """

    expression: str
    legend: str


def series(metric: str, *matchers: str) -> str:
    """The series of a metric in the chosen namespaces. Args: matchers: `tool="add_task"`."""
    return f"{metric}{{{', '.join((NAMESPACE, *matchers))}}}"


def of_version(vector: str, window: str = WINDOW) -> str:
    """Those series of a vector whose process is of a chosen version, with its `service`.

    Args: window: for how long a process that is gone still counts: as long as in the vector.
    """
    info = series("taskchat_build_info", 'version=~"$version"')
    known = f"max by (job, instance, service) (last_over_time({info}[{window}]))"
    return f"{vector} * on (job, instance) group_left (service) {known}"


def rate(metric: str, *matchers: str, window: str = WINDOW) -> str:
    """What a counter of ours gains a second, by all of its labels."""
    return of_version(f"rate({series(metric, *matchers)}[{window}])", window)


def gauge(metric: str, *matchers: str) -> str:
    """What a gauge of ours shows now, by all of its labels."""
    return of_version(series(metric, *matchers))


def total(vector: str, by: Sequence[str] = ()) -> str:
    """The sum of a vector, or one for each value of labels."""
    return f"sum{grouped(by)} ({vector})"


def per_second(metric: str, *matchers: str, by: Sequence[str] = (), window: str = WINDOW) -> str:
    """What a counter of ours gains a second in all processes together."""
    return total(rate(metric, *matchers, window=window), by)


def quantile(
    q: float, histogram: str, *matchers: str, by: Sequence[str] = (), window: str = WINDOW
) -> str:
    """An estimate from a histogram's buckets. Args: q: 0–1. histogram: without `_bucket`."""
    buckets = per_second(f"{histogram}_bucket", *matchers, by=("le", *by), window=window)
    return f"histogram_quantile({q}, {buckets})"


def mean(histogram: str, *matchers: str, by: Sequence[str] = ()) -> str:
    """The arithmetic mean of what a histogram observed."""
    return ratio(
        per_second(f"{histogram}_sum", *matchers, by=by),
        per_second(f"{histogram}_count", *matchers, by=by),
    )


def events(metric: str, *matchers: str) -> str:
    """How often a rare thing happened in the whole time range; 0 also before the first time."""
    happened = of_version(f"increase({series(metric, *matchers)}[{RANGE}])", RANGE)
    return f"{total(happened)} or vector(0)"


def ratio(part: str, whole: str) -> str:
    """One vector divided by another; nothing, rather than an infinity, where nothing happened."""
    return f"({part}) / (({whole}) > 0)"


def share(part: str, whole: str) -> str:
    """A part of a whole, 0–1. A part that never happened has no series: it counts as 0."""
    return ratio(f"{part} or vector(0)", whole)


def share_of_each(part: str, whole: str) -> str:
    """Parts of wholes with the same labels, 0–1. Where nothing of a part happened yet, it is 0."""
    return ratio(f"{part} or 0 * ({whole})", whole)


def parts(each: str, whole: str) -> str:
    """Several parts of one whole, 0–1. Args: each: a vector with labels. whole: one without."""
    return f"({each}) / on () group_left () (({whole}) > 0)"


def grouped(by: Sequence[str]) -> str:
    """The `by` clause of an aggregation; empty for no labels."""
    return f" by ({', '.join(by)})" if by else ""
