"""What Prometheus can read before anything has happened."""

from chat_gateway.api.description import PROBLEMS
from chat_gateway.telemetry.metrics import COMPLETED, FAILURES, GatewayMetrics
from prometheus_client import CollectorRegistry

SERVER_FAILURE = 500


def test_every_failure_of_ours_is_there_before_it_happens() -> None:
    registry = CollectorRegistry()
    GatewayMetrics(registry)
    failures = {problem.code for problem in PROBLEMS if problem.status >= SERVER_FAILURE}
    assert set(FAILURES) == failures
    for outcome in (COMPLETED, *failures):
        labels = {"outcome": outcome}
        assert registry.get_sample_value("taskchat_turn_duration_seconds_count", labels) == 0
