"""Exemplars: what a scraper that asks for OpenMetrics is told of the trace behind a duration."""

import urllib.request
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from prometheus_client import CollectorRegistry, Histogram
from servicekit.telemetry.exemplars import current_exemplar
from servicekit.telemetry.metrics_server import serve_metrics

PROMETHEUS_ASKS_FOR = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
"""The Accept header of Prometheus 3."""


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def duration(registry: CollectorRegistry) -> Histogram:
    return Histogram("work_seconds", "Time at work.", buckets=(1,), registry=registry)


@pytest.fixture
def url(registry: CollectorRegistry) -> Iterator[str]:
    server = serve_metrics(0, registry=registry)
    yield f"http://127.0.0.1:{server.port}/metrics"
    server.close()


def scrape(url: str, accept: str) -> str:
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request) as response:
        return str(response.read().decode())


def test_prometheus_is_given_the_trace_of_a_sampled_span(url: str, duration: Histogram) -> None:
    with TracerProvider().get_tracer("test").start_as_current_span("work") as span:
        duration.observe(0.5, current_exemplar())
    ids = span.get_span_context()
    told = scrape(url, PROMETHEUS_ASKS_FOR)
    (bucket,) = [line for line in told.splitlines() if line.startswith('work_seconds_bucket{le="1')]
    assert bucket.startswith('work_seconds_bucket{le="1.0"} 1.0 # {')
    assert f'trace_id="{ids.trace_id:032x}"' in bucket
    assert f'span_id="{ids.span_id:016x}"' in bucket


def test_scraper_of_plain_text_is_given_none(url: str, duration: Histogram) -> None:
    with TracerProvider().get_tracer("test").start_as_current_span("work"):
        duration.observe(0.5, current_exemplar())
    assert 'work_seconds_bucket{le="1.0"} 1.0\n' in scrape(url, "text/plain")


def test_span_that_is_not_sampled_is_no_exemplar() -> None:
    with TracerProvider(ALWAYS_OFF).get_tracer("test").start_as_current_span("work") as span:
        assert span.get_span_context().is_valid
        assert current_exemplar() is None


def test_outside_a_trace_there_is_no_exemplar() -> None:
    assert current_exemplar() is None


def test_no_series_says_when_another_was_made(url: str, duration: Histogram) -> None:
    assert "_created" not in scrape(url, "text/plain") + scrape(url, PROMETHEUS_ASKS_FOR)
