"""A second request beside a slow one, and requests that are given up."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.errors import DeadlineExceeded, ModelError, ModelUnavailable
from chat_gateway.model.hedging import Begin, HedgeBudget, HedgedCall, Patience, Winner
from prometheus_client import CollectorRegistry

from ..equipment.gemini import Reply, ScriptedGemini, asks, fails, says
from ..equipment.mcp_tools import ScriptedTools
from ..equipment.turns import MemoryJournal, turn
from ..equipment.waiting import wait_until

HEDGE_AFTER_SECONDS = 0.05


@pytest.fixture
def budget() -> HedgeBudget:
    return HedgeBudget()


@pytest.fixture
def patience(budget: HedgeBudget) -> Patience:
    """Hedges soon, and otherwise waits as long as it takes."""
    return Patience(600, hedge_after_seconds=HEDGE_AFTER_SECONDS, budget=budget)


def slow(reply: Reply) -> Reply:
    """The same, but not before the script says `release`."""
    return Reply(reply.body, reply.status, headers=reply.headers, held=True)


async def until_asked(gemini: ScriptedGemini, times: int) -> None:
    """Wait until the model was asked so often."""

    async def asked() -> bool:
        return len(gemini.requests) == times

    await wait_until(f"the model was asked {times} times", asked)


async def until_nobody_waits(gemini: ScriptedGemini) -> None:
    """Wait until no request is under way any more."""

    async def none() -> bool:
        return gemini.answering == 0

    await wait_until("no request to the model is under way", none)


class TestFailures:
    async def test_both_fail_and_the_call_is_tried_again_without_another_hedge(
        self,
        agent: TaskAgent,
        gemini: ScriptedGemini,
        winners: Callable[[], dict[str, float]],
    ) -> None:
        gemini.will(slow(fails(503)), fails(503), slow(says("Here I am.")))
        answer = asyncio.create_task(agent.run(turn(), [], "hi"))

        await until_asked(gemini, 2)
        gemini.release()
        await until_asked(gemini, 3)
        done, _ = await asyncio.wait([answer], timeout=HEDGE_AFTER_SECONDS * 4)
        assert not done
        gemini.release()

        assert await answer == "Here I am."
        assert (len(gemini.requests), winners()) == (3, {"none": 1})

    async def test_the_first_fails_after_its_hedge_was_sent_and_the_hedge_is_waited_for(
        self,
        agent: TaskAgent,
        gemini: ScriptedGemini,
        winners: Callable[[], dict[str, float]],
    ) -> None:
        gemini.will(slow(fails(500)), slow(says("From the hedge.")))
        answer = asyncio.create_task(agent.run(turn(), [], "hi"))

        await until_asked(gemini, 2)
        gemini.release()

        assert await answer == "From the hedge."
        assert (len(gemini.requests), winners()) == (2, {"hedge": 1})

    async def test_a_hedge_that_fails_leaves_the_first_its_time(
        self,
        agent: TaskAgent,
        gemini: ScriptedGemini,
        winners: Callable[[], dict[str, float]],
    ) -> None:
        gemini.will(slow(says("From the first.")), fails(429))
        answer = asyncio.create_task(agent.run(turn(), [], "hi"))

        await until_asked(gemini, 2)
        gemini.release()

        assert await answer == "From the first."
        assert (len(gemini.requests), winners()) == (2, {"first": 1})

    @pytest.mark.parametrize("nonsense", [says("\u200b"), says(" "), Reply(b"{}")])
    async def test_a_hedge_that_is_nonsense_leaves_the_first_its_time(
        self, agent: TaskAgent, gemini: ScriptedGemini, nonsense: Reply
    ) -> None:
        journal = MemoryJournal()
        gemini.will(slow(says("From the first.")), nonsense)
        answer = asyncio.create_task(agent.run(turn(journal), [], "hi"))

        await until_asked(gemini, 2)
        gemini.release()

        assert await answer == "From the first."
        assert (len(gemini.requests), journal.steps) == (2, [])

    async def test_nonsense_from_both_is_asked_again_once(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        gemini.will(slow(says(" ")), says(" "), says(" "))
        answer = asyncio.create_task(agent.run(turn(), [], "hi"))

        await until_asked(gemini, 2)
        gemini.release()

        with pytest.raises(ModelError):
            await answer
        assert len(gemini.requests) == 3


class TestTime:
    async def test_the_deadline_ends_both_requests(
        self,
        agent: TaskAgent,
        gemini: ScriptedGemini,
        winners: Callable[[], dict[str, float]],
    ) -> None:
        gemini.will(slow(says("too late")), slow(says("too late")))

        with pytest.raises(DeadlineExceeded):
            await agent.run(turn(seconds=0.3), [], "hi")
        assert (len(gemini.requests), winners()) == (2, {"none": 1})
        await until_nobody_waits(gemini)

    async def test_a_cancelled_turn_leaves_nothing_running(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        gemini.will(slow(says("too late")), slow(says("too late")))
        before = asyncio.all_tasks()
        answer = asyncio.create_task(agent.run(turn(), [], "hi"))
        await until_asked(gemini, 2)

        answer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answer
        await until_nobody_waits(gemini)
        left = {task.get_coro().__qualname__ for task in asyncio.all_tasks() - before}  # type: ignore[union-attr] # every task here has a coroutine
        assert not {name for name in left if "JournaledModel" in name or "HedgedCall" in name}

    @pytest.mark.parametrize(
        "patience", [Patience(0.1, hedge_after_seconds=0, budget=HedgeBudget())], ids=["no hedge"]
    )
    async def test_a_request_that_takes_too_long_is_given_up_and_sent_anew(
        self, agent: TaskAgent, gemini: ScriptedGemini, registry: CollectorRegistry
    ) -> None:
        gemini.will(slow(says("too late")), says("Here I am."))

        assert await agent.run(turn(), [], "hi") == "Here I am."
        assert len(gemini.requests) == 2
        labels = {"gen_ai_request_model": "gemini-flash-latest", "reason": "timeout"}
        assert registry.get_sample_value("taskchat_model_retries_total", labels) == 1
        await until_nobody_waits(gemini)

    @pytest.mark.parametrize(
        "patience", [Patience(0.1, hedge_after_seconds=0, budget=HedgeBudget())], ids=["no hedge"]
    )
    async def test_a_model_that_always_takes_too_long_is_unavailable(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        gemini.will(*[slow(says("too late"))] * 3)

        with pytest.raises(ModelUnavailable):
            await agent.run(turn(), [], "hi")
        assert len(gemini.requests) == 3


class TestTheWinner:
    async def test_only_the_winner_is_recorded_and_the_losers_connection_is_not_used_again(
        self,
        agent: TaskAgent,
        gemini: ScriptedGemini,
        tools: ScriptedTools,
        winners: Callable[[], dict[str, float]],
    ) -> None:
        journal = MemoryJournal()
        gemini.will(
            slow(asks(("add_task", {"title": "from the loser"}))),
            asks(("add_task", {"title": "from the winner"})),
            says("Added."),
        )

        assert await agent.run(turn(journal), [], "add a task") == "Added."

        (step,) = journal.steps
        assert [call.arguments for call in step.calls] == [{"title": "from the winner"}]
        assert [call["arguments"]["title"] for call in tools.calls] == ["from the winner"]
        assert winners() == {"hedge": 1}
        await until_nobody_waits(gemini)
        gemini.release()
        gemini.will(says("Hello."))
        assert await agent.run(turn(), [], "hi") == "Hello."

    async def test_an_answer_in_time_is_asked_for_once(
        self,
        agent: TaskAgent,
        gemini: ScriptedGemini,
        winners: Callable[[], dict[str, float]],
    ) -> None:
        gemini.will(says("At once."))

        assert await agent.run(turn(), [], "hi") == "At once."
        assert (len(gemini.requests), winners()) == (1, {})

    async def test_of_two_answers_at_the_same_moment_the_firsts_is_taken(self) -> None:
        both, asked = asyncio.Event(), list[int]()
        ended: list[Winner] = []

        async def ask(_: Begin) -> int:
            asked.append(number := len(asked))
            if number == 1:
                both.set()
            await both.wait()
            return number

        call = HedgedCall(Patience(10, 0.01, HedgeBudget()), ended.append)
        assert (await call.attempt(ask), asked, ended) == (0, [0, 1], ["first"])


class TestTheBudget:
    @pytest.mark.parametrize("budget", [HedgeBudget(share=0, saved_at_most=0)], ids=["empty"])
    async def test_without_any_left_the_first_is_waited_for(
        self,
        agent: TaskAgent,
        gemini: ScriptedGemini,
        winners: Callable[[], dict[str, float]],
    ) -> None:
        gemini.will(slow(says("In the end.")))
        answer = asyncio.create_task(agent.run(turn(), [], "hi"))

        done, _ = await asyncio.wait([answer], timeout=HEDGE_AFTER_SECONDS * 4)
        assert not done
        gemini.release()

        assert await answer == "In the end."
        assert (len(gemini.requests), winners()) == (1, {})

    async def test_an_outage_is_asked_a_tenth_more_often_and_not_twice(self) -> None:
        budget = HedgeBudget()
        patience = Patience(10, hedge_after_seconds=0.001, budget=budget)
        sent = 0

        async def hang_then_fail(_: Begin) -> None:
            nonlocal sent
            sent += 1
            await asyncio.sleep(0.01)
            raise ModelUnavailable()

        async def call(attempt: Callable[[Begin], Awaitable[None]]) -> None:
            with pytest.raises(ModelUnavailable):
                await HedgedCall(patience, lambda _: None).attempt(attempt)

        calls = 1_000
        for _ in range(10):
            await asyncio.gather(*[call(hang_then_fail) for _ in range(calls // 10)])

        saved_at_first = 10
        assert calls * 1.09 <= sent <= calls * 1.1 + saved_at_first

    def test_a_long_quiet_time_saves_up_no_more_than_a_burst(self) -> None:
        budget = HedgeBudget(share=0.1, saved_at_most=2)
        for _ in range(1_000):
            budget.earn()

        assert [budget.spend() for _ in range(3)] == [True, True, False]
