"""PromQL over what the Collector counts of spans, before it samples them.

Source of the names: the connector `span_metrics`, as the Collector exports it for Prometheus.
"""

from collections.abc import Sequence

from otel.dashboards.queries import WINDOW, grouped, ratio, total

EDGE = 'service_name="edge", span_kind="SPAN_KIND_SERVER"'
EDGE_WAITS = 'service_name="edge", span_kind="SPAN_KIND_CLIENT"'
EDGE_WAITS_FOR_CHAT = f'{EDGE_WAITS}, span_name=~".*-edge-chat/.*"'
"""Envoy names the span after the route, and the chart the route after itself."""
MODEL_CALL = 'service_name="chat-gateway", span_name=~"chat .+"'
SQL = 'span_kind="SPAN_KIND_CLIENT", span_name=~"(SELECT|INSERT|UPDATE|DELETE).*"'


def spans(matchers: str) -> str:
    """Matchers of spans in the chosen namespaces."""
    return f'k8s_namespace_name=~"$namespace", {matchers}'


def span_rate(of: str, matchers: str) -> str:
    """What a counter of spans gains a second. Args: of: `calls_total` or `duration_seconds_sum`."""
    return f"rate(traces_span_metrics_{of}{{{matchers}}}[{WINDOW}])"


def quantile_of(q: float, matchers: str, by: Sequence[str] = ()) -> str:
    """A quantile of the duration of spans."""
    buckets = total(span_rate("duration_seconds_bucket", spans(matchers)), ("le", *by))
    return f"histogram_quantile({q}, {buckets})"


def mean_of(matchers: str, by: Sequence[str] = ()) -> str:
    """The mean duration of spans."""
    return ratio(
        total(span_rate("duration_seconds_sum", spans(matchers)), by),
        total(span_rate("duration_seconds_count", spans(matchers)), by),
    )


def busiest(count: int, matchers: str = 'service_name!=""') -> str:
    """The spans in which most seconds are spent, all of them together."""
    seconds = span_rate("duration_seconds_sum", spans(matchers))
    return f"topk({count}, sum{grouped(('service_name', 'span_name'))} ({seconds}))"
