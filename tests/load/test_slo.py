"""The measurement of the promise: that it counts what it says, and finds what it is to find."""

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, stdev
from uuid import uuid4

import pytest
from devstack.stack import Stack

from tests.equipment.chat import User, answer, say
from tests.equipment.database import DatabaseView
from tests.load.slo import accounting, analysis, report
from tests.load.slo.analysis import Result, carried, percentile, saturation
from tests.load.slo.arrivals import arrivals
from tests.load.slo.cluster import used_in
from tests.load.slo.load import Arrival
from tests.load.slo.plan import FULL, SHORT, Stage
from tests.load.slo.plots import NAMES
from tests.load.slo.resources import Machine, Used
from tests.load.slo.system import summaries_in

STAGE = Stage(10, warm_up_seconds=10, seconds=100)


def arrival(at: float, seconds: float, status: int = 200, **changed: object) -> Arrival:
    """One that is answered, unless told otherwise."""
    made = Arrival(
        at=at,
        lag=0.001,
        seconds=seconds,
        status=status,
        code=None,
        key=str(uuid4()),
        user_id=str(uuid4()),
        turn_id=str(uuid4()),
        conversation_id=str(uuid4()),
        tool_call_ids=(),
    )
    return replace(made, **changed)  # type: ignore[arg-type] # names of its fields


def result(
    sent: Sequence[Arrival], stage: Stage = STAGE, summaries: Sequence[Mapping[str, object]] = ()
) -> Result:
    """A stage in which this was sent."""
    return analysis.measure(stage, sent, summaries, {}, Machine(2, 1.0), {})


def even(seconds: float, per_second: int = 10) -> list[Arrival]:
    """Arrivals at even distances over the whole stage, each with the same time."""
    return [arrival(at / per_second, seconds) for at in range(110 * per_second)]


class TestArrivals:
    def test_they_are_as_many_as_ordered_and_as_uneven_as_a_poisson_process(self) -> None:
        times = list(arrivals(20, 500, random.Random(1)))
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]

        assert times == sorted(times)
        assert 9_600 < len(times) < 10_400  # 10,000, within four standard deviations
        # The gaps of a Poisson process spread as far as they are long; even gaps would not.
        assert 0.95 < stdev(gaps) / mean(gaps) < 1.05

    def test_both_plans_warm_up_and_only_the_long_one_compares_with_no_hedges(self) -> None:
        assert all(stage.warm_up_seconds > 0 for plan in (FULL, SHORT) for stage in plan.stages)
        assert [stage.hedging for stage in SHORT.stages] == [True]
        assert sorted({stage.hedging for stage in FULL.stages}) == [False, True]


class TestNumbers:
    @pytest.mark.parametrize(
        ("share", "expected"), [(0.5, 50), (0.95, 95), (0.951, 96), (0.99, 99), (1, 100)]
    )
    def test_a_percentile_is_the_nearest_rank(self, share: float, expected: float) -> None:
        assert percentile([float(one) for one in range(1, 101)], share) == expected

    def test_the_warm_up_is_not_measured(self) -> None:
        found = result([arrival(9.9, 30), arrival(10, 1), arrival(50, 2)])

        assert (found.arrivals, found.seconds) == (2, (1, 2))

    def test_an_arrival_without_an_answer_breaks_the_promise_like_a_slow_one(self) -> None:
        sent = [arrival(20, 1) for _ in range(94)]
        refused = [arrival(20, 0.1, 503, code="overloaded") for _ in range(5)]

        found = result([*sent, *refused, arrival(20, 5.1)])

        assert (found.within_promise, found.keeps_promise) == (0.94, False)
        assert (found.errors, found.error_share) == ({"overloaded": 5}, 0.05)
        assert result([*sent, arrival(20, 4.9), *refused]).keeps_promise

    def test_answers_that_come_after_the_stage_are_no_throughput(self) -> None:
        assert result(even(seconds=1)).throughput == pytest.approx(10, rel=0.02)
        assert result(even(seconds=1)).keeps_up

        slower = [replace(one, seconds=one.at * 0.5 + 1) for one in even(seconds=1)]
        assert not result(slower).keeps_up

    def test_as_many_are_in_flight_as_overlap(self) -> None:
        sent = [arrival(11, 5), arrival(12, 5), arrival(13, 1), arrival(16, 1), arrival(40, 1)]

        assert result(sent).most_in_flight == 3

    def test_time_beyond_the_model_is_the_turns_without_the_wait_for_it(self) -> None:
        sent = arrival(20, 2.1)
        summary = {
            "turn_id": sent.turn_id,
            "outcome": "completed",
            "duration_ms": 2000.0,
            "model_ms": 1900.0,
            "open_ms": 10.0,
            "agent_ms": 1980.0,
            "close_ms": 5.0,
        }
        of_another = {**summary, "turn_id": str(uuid4())}

        (beyond,) = result([sent], summaries=[of_another, summary]).parts["beyond the model"]
        assert beyond == pytest.approx(0.1)

    def test_a_rate_counts_only_if_every_lower_one_kept_the_promise(self) -> None:
        good, slow = even(seconds=1), even(seconds=6)
        rates = [replace(STAGE, turns_per_second=rate) for rate in (5, 10, 15)]

        kept = [result(sent, stage) for sent, stage in zip([good, slow, good], rates, strict=True)]
        best = carried(kept)
        assert best is not None
        assert best.stage.turns_per_second == 5
        assert carried(kept[1:]) is None

    def test_saturation_is_the_first_rate_that_was_not_kept_up_with(self) -> None:
        growing = [replace(one, seconds=one.at * 0.5 + 1) for one in even(seconds=1)]

        found = saturation([result(even(seconds=1)), result(growing)])
        assert found is not None
        assert found.seconds[-1] > 5
        assert saturation([result(even(seconds=1))]) is None


class TestReport:
    def test_it_says_what_was_found_and_draws_it(self, tmp_path: Path) -> None:
        def cost(rate: float, memory_mb: float) -> Mapping[str, Used]:
            return {"chat-gateway": Used(cores=0.02 * rate, memory_mb=memory_mb)}

        rates = [Stage(rate, 10, 100) for rate in (5, 10)]
        results = [
            analysis.measure(
                stage, sent, (), cost(stage.turns_per_second, memory), Machine(2, 1), {}
            )
            for stage, sent, memory in zip(
                rates, (even(1, 5), even(2, 10)), (150, 151), strict=True
            )
        ]

        path = report.write(
            results,
            reports=tmp_path,
            began_at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
            place="a test",
            command="make slo",
            accounting="Nothing was lost.",
        )

        text = path.read_text()
        assert path.name == "slo-2026-11-21-0930.md"
        assert (
            "is kept up to 10.0 turns/s of one chat-gateway**: 100.0% in time, p95 2.00 s" in text
        )
        assert (
            "A turn costs chat-gateway 20.0–20.0 ms of CPU: 50–50 turns/s for a whole core" in text
        )
        # 5 and 20 turns in flight with 150 and 151 MB
        assert "150 MB, and 67 kB for each turn in flight" in text
        assert "| 5/s | 500 | 5.0 | 1.00 | 1.00 | 1.00 | 100.0% | 0.00% | 5 | 1 |" in text
        for name in NAMES:
            assert f"]({path.stem}/{name}.svg)" in text
            assert (tmp_path / path.stem / f"{name}.svg").read_text().startswith("<?xml")

    def test_a_promise_that_is_broken_everywhere_is_said_so(self) -> None:
        (line, _) = report.verdict([result(even(seconds=6))])
        assert "is broken at every rate" in line


class TestCluster:
    def test_pods_are_added_up_and_the_largest_tells_the_memory(self) -> None:
        top = (
            "taskchat-chat-gateway-6d5f9c7b8-2xq9k   120m   160Mi   \n"
            "taskchat-chat-gateway-6d5f9c7b8-9zk4p   95m    171Mi   \n"
        )

        used = used_in(top)
        assert used is not None
        assert (used.cores, round(used.memory_mb)) == (0.215, 179)
        assert used_in("") is None

    def test_only_a_turns_own_line_of_a_log_is_its_summary(self) -> None:
        log = "\n".join(
            [
                "starting",
                '{"message": "turn ended", "outcome": "completed", "turn_id": "a"}',
                '{"message": "a turn ended badly", "turn_id": "b"}',
                '{"message": "said: turn ended", "turn_id": "c"}',
            ]
        )

        assert [found["turn_id"] for found in summaries_in(log)] == ["a"]


class TestAccounting:
    async def turn(self, stack: Stack, user: User, message: str) -> Arrival:
        key = str(uuid4())
        found = answer(await say(stack.urls.gateway, user, message, key=key))
        return arrival(
            0,
            1,
            key=key,
            user_id=str(user.user_id),
            turn_id=found["turn_id"],
            tool_call_ids=tuple(call["id"] for call in found["tool_calls"]),
        )

    async def test_work_that_is_stored_as_it_was_answered_is_no_fault(
        self, stack: Stack, database: DatabaseView, alice: User, bob: User
    ) -> None:
        sent = [
            await self.turn(stack, alice, "add a task to buy milk"),
            await self.turn(stack, alice, "show my tasks"),
            await self.turn(stack, bob, "add a task to buy milk"),
        ]

        assert await accounting.faults(database, sent) == []

    async def test_every_difference_is_found(
        self, stack: Stack, database: DatabaseView, alice: User
    ) -> None:
        added = await self.turn(stack, alice, "add a task to buy milk")
        shown = await self.turn(stack, alice, "show my tasks")

        async def first_words(*sent: Arrival) -> list[str]:
            return sorted(one.split(":")[0] for one in await accounting.faults(database, sent))

        assert await first_words(added) == ["invented"]
        assert await first_words(added, replace(shown, turn_id=str(uuid4()))) == ["lost"]
        assert await first_words(added, replace(shown, tool_call_ids=())) == ["untrue"]
        more = (*shown.tool_call_ids, str(uuid4()))
        assert await first_words(added, replace(shown, tool_call_ids=more)) == ["untrue"]

        deleted = await self.turn(stack, alice, "delete the task to buy milk")
        assert await first_words(added, shown, deleted) == ["tasks"]
