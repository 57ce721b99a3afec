"""What is measured of what a turn says."""

import time

from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.turns.events import BEFORE_CALLS, Event, Retracted, Said, Voice, nobody
from chat_gateway.turns.hearing import measured_listener
from prometheus_client import CollectorRegistry


def test_the_first_text_is_measured_once_and_each_retraction_counted() -> None:
    registry, heard = CollectorRegistry(), list[Event]()
    metrics = GatewayMetrics(registry).streams
    voice = Voice(measured_listener(heard.append, metrics, time.perf_counter() - 3))

    voice.retract("cut")
    voice.say("Let me")
    voice.say(" see.")
    voice.retract(BEFORE_CALLS)
    voice.say("Done.")

    assert [type(event) for event in heard] == [Said, Said, Retracted, Said]
    assert registry.get_sample_value("taskchat_turn_first_text_seconds_count") == 1
    seconds = registry.get_sample_value("taskchat_turn_first_text_seconds_sum")
    assert seconds is not None
    assert 3 <= seconds < 63
    for reason, times in ((BEFORE_CALLS, 1), ("cut", 0)):
        name = "taskchat_turn_retractions_total"
        assert registry.get_sample_value(name, {"reason": reason}) == times


def test_nobody_stays_nobody() -> None:
    metrics = GatewayMetrics(CollectorRegistry()).streams
    assert measured_listener(nobody, metrics, 0.0) is nobody
