"""Drawn delays: repeatable, and spread as ordered."""

from statistics import median, quantiles

from gemini_simulator.behaviour.latency import Delay, Latency, Queue


def latency(
    seed: int = 0, *, is_on: bool = True, sigma: float = 0.5, queue: Queue | None = None
) -> Latency:
    return Latency(
        seed=seed,
        ttft_median_ms=400,
        ttft_sigma=sigma,
        token_ms=10,
        is_on=is_on,
        queue=queue,
    )


def first_tokens(source: Latency) -> list[float]:
    return [source.draw().first_token_seconds for _ in range(4_000)]


def test_nothing_is_waited_for_when_it_is_off() -> None:
    assert latency(is_on=False).draw() == Delay(0, 0)
    assert Delay(0, 0).whole_seconds(1_000) == 0


def test_same_seed_draws_the_same() -> None:
    first, second = latency(3), latency(3)
    assert [first.draw() for _ in range(50)] == [second.draw() for _ in range(50)]
    assert latency(3).draw() != latency(4).draw()


def test_first_token_is_log_normal_around_the_median() -> None:
    seconds = first_tokens(latency())
    assert 0.37 < median(seconds) < 0.43
    p95 = quantiles(seconds, n=20)[-1]
    assert 0.82 < p95 < 1.02  # 0.4 s * exp(1.645 * 0.5) = 0.91 s


def test_without_spread_every_first_token_takes_the_median() -> None:
    assert abs(latency(sigma=0).draw().first_token_seconds - 0.4) < 1e-9


def test_whole_answer_takes_the_first_token_and_the_others() -> None:
    assert abs(Delay(0.4, 0.01).whole_seconds(11) - 0.5) < 1e-9
    assert Delay(0.4, 0.01).whole_seconds(1) == 0.4


def test_a_share_of_the_answers_waits_in_a_queue_and_the_others_are_as_without_it() -> None:
    queue = Queue(share=0.1, median_ms=6_000, sigma=0)
    seconds, without = first_tokens(latency(queue=queue)), first_tokens(latency())

    waits = [round(one - other, 6) for one, other in zip(seconds, without, strict=True)]
    assert set(waits) == {0.0, 6.0}
    assert 320 < waits.count(6.0) < 480  # a tenth of 4,000
