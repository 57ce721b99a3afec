"""Reports of several workers become one, as if one process had counted it all."""

import pickle

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from servicekit.telemetry.merged_metrics import MergedMetrics, Report, lasting, merge


class Worker:
    """A registry as a worker has it."""

    def __init__(self, *, trace: str | None = None, age_seconds: float = 0.0) -> None:
        registry = CollectorRegistry()
        turns = Counter("turns", "Turns.", ["outcome"], registry=registry)
        turns.labels("completed").inc(2)
        in_flight = Gauge("in_flight", "Turns in flight.", registry=registry)
        in_flight.set(3)
        seconds = Histogram("seconds", "Time.", buckets=(1, 5), registry=registry)
        seconds.observe(0.5, {"trace_id": trace} if trace else None)
        seconds.observe(7)
        Gauge("taskchat_jwks_age_seconds", "Age.", registry=registry).set(age_seconds)
        # As it goes through the pipe.
        self.report: Report = pickle.loads(pickle.dumps(list(registry.collect())))


def samples(report: Report) -> dict[tuple[str, str], float]:
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for metric in report
        for sample in metric.samples
        if not sample.name.endswith("_created")
    }


def test_counts_and_gauges_are_added_up() -> None:
    assert samples(merge([Worker().report, Worker().report])) == {
        ("turns_total", "completed"): 4,
        ("in_flight", ""): 6,
        ("seconds_bucket", "1.0"): 2,
        ("seconds_bucket", "5.0"): 2,
        ("seconds_bucket", "+Inf"): 4,
        ("seconds_count", ""): 4,
        ("seconds_sum", ""): 15,
        ("taskchat_jwks_age_seconds", ""): 0,
    }


def test_oldest_keys_of_all_workers_are_shown() -> None:
    merged = merge([Worker(age_seconds=9).report, Worker(age_seconds=float("inf")).report])
    assert samples(merged)[("taskchat_jwks_age_seconds", "")] == float("inf")


@pytest.mark.parametrize("newest_first", [False, True])
def test_newest_exemplar_of_a_bucket_stays(newest_first: bool) -> None:
    workers = [Worker(trace="older"), Worker(trace="newer"), Worker()]
    reports = [worker.report for worker in (reversed(workers) if newest_first else workers)]
    encode, _ = choose_encoder("application/openmetrics-text; version=1.0.0")
    told = encode(MergedMetrics(lambda: reports)).decode()
    (bucket,) = [line for line in told.splitlines() if 'le="1.0"' in line]
    assert 'trace_id="newer"' in bucket
    assert told.endswith("# EOF\n")


def test_what_a_worker_had_at_a_moment_ends_with_it() -> None:
    left = samples(lasting(Worker().report))
    assert ("in_flight", "") not in left
    assert left[("turns_total", "completed")] == 2


def test_reports_are_not_changed_by_being_merged() -> None:
    worker = Worker()
    before = samples(worker.report)
    merge([worker.report, worker.report])
    assert samples(worker.report) == before
