"""Of two requests beside each other the one that begins first is heard, and only that one."""

import asyncio
from collections.abc import Callable

import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.model.hedging import Begin, HedgeBudget, HedgedCall, Patience, Winner
from chat_gateway.turns.events import Event

from ..equipment.gemini import Reply, ScriptedGemini, asks, says
from ..equipment.listening import names, texts_of
from ..equipment.mcp_tools import ScriptedTools
from ..equipment.model_streams import call, piece, streams, texts
from ..equipment.turns import MemoryJournal, turn
from ..equipment.waiting import wait_until

HEDGE_AFTER_SECONDS = 0.1
HALF = piece(content="I am")


@pytest.fixture
def patience() -> Patience:
    return Patience(
        60, hedge_after_seconds=HEDGE_AFTER_SECONDS, budget=HedgeBudget(), stall_seconds=30
    )


async def until(what: str, holds: Callable[[], bool]) -> None:
    async def look() -> bool:
        return holds()

    await wait_until(what, look)


async def test_a_request_that_has_begun_is_never_hedged(
    agent: TaskAgent, gemini: ScriptedGemini, winners: Callable[[], dict[str, float]]
) -> None:
    told: list[Event] = []
    gemini.will(streams(HALF, None, piece(content=" here."), piece("stop")))
    answer = asyncio.create_task(agent.run(turn(listener=told.append, seconds=60), [], "hi"))
    await until("it has begun", lambda: (bool(told), gemini.held) == (True, 1))

    done, _ = await asyncio.wait([answer], timeout=HEDGE_AFTER_SECONDS * 4)
    assert (done, len(gemini.requests)) == (set(), 1)
    gemini.release()

    assert await answer == "I am here."
    assert (len(gemini.requests), winners()) == (1, {})


async def test_a_role_alone_is_no_beginning(
    agent: TaskAgent, gemini: ScriptedGemini, winners: Callable[[], dict[str, float]]
) -> None:
    told: list[Event] = []
    gemini.will(streams(piece(content=""), hangs=True), streams(*texts("From the hedge.")))

    answer = await agent.run(turn(listener=told.append, seconds=60), [], "hi")

    assert (answer, texts_of(told)) == ("From the hedge.", ["From the hedge."])
    assert winners() == {"hedge": 1}
    await until("the first is cancelled", lambda: gemini.answering == 0)


async def test_the_hedge_that_begins_is_heard_and_the_first_is_cancelled_at_once(
    agent: TaskAgent, gemini: ScriptedGemini, winners: Callable[[], dict[str, float]]
) -> None:
    told: list[Event] = []
    gemini.will(
        streams(None, *texts("From the first.")),
        streams(HALF, None, piece(content=" the hedge."), piece("stop")),
    )
    answer = asyncio.create_task(agent.run(turn(listener=told.append, seconds=60), [], "hi"))

    await until(
        "only the hedge is under way",
        lambda: (bool(told), gemini.answering, gemini.held) == (True, 1, 1),
    )
    gemini.release()

    assert await answer == "I am the hedge."
    assert texts_of(told) == ["I am the hedge."]
    assert set(names(told)) == {"Said"}
    assert winners() == {"hedge": 1}


async def test_the_first_that_begins_after_its_hedge_was_sent_is_heard(
    agent: TaskAgent, gemini: ScriptedGemini, winners: Callable[[], dict[str, float]]
) -> None:
    told: list[Event] = []
    gemini.will(streams(None, *texts("From the first.")), streams(hangs=True))
    answer = asyncio.create_task(agent.run(turn(listener=told.append, seconds=60), [], "hi"))

    await until("both are under way", lambda: (gemini.answering, gemini.held) == (2, 1))
    gemini.release()

    assert await answer == "From the first."
    assert texts_of(told) == ["From the first."]
    assert winners() == {"first": 1}
    await until("nothing is under way", lambda: gemini.answering == 0)


async def test_the_one_that_begins_and_breaks_is_asked_again_without_a_hedge(
    agent: TaskAgent, gemini: ScriptedGemini, winners: Callable[[], dict[str, float]]
) -> None:
    told: list[Event] = []
    gemini.will(streams(hangs=True), streams(HALF, done=False), streams(*texts("Here.")))

    assert await agent.run(turn(listener=told.append, seconds=60), [], "hi") == "Here."
    assert names(told) == ["Said", "Retracted", "Said"]
    assert (len(gemini.requests), winners()) == (3, {"none": 1})


async def test_a_hedge_that_breaks_before_it_begins_leaves_the_first_its_time(
    agent: TaskAgent, gemini: ScriptedGemini, winners: Callable[[], dict[str, float]]
) -> None:
    told: list[Event] = []
    gemini.will(streams(None, *texts("From the first.")), streams())
    answer = asyncio.create_task(agent.run(turn(listener=told.append, seconds=60), [], "hi"))

    await until(
        "the hedge is over",
        lambda: (len(gemini.requests), gemini.answering, gemini.held) == (2, 1, 1),
    )
    gemini.release()

    assert await answer == "From the first."
    assert (names(told), winners()) == (["Said"], {"first": 1})


async def test_only_the_calls_of_the_one_that_begins_are_made(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    told: list[Event] = []
    loser, winner = (
        piece(tool_calls=[call("add_task", f'{{"title": "{who}"}}', "c1")])
        for who in ("loser", "winner")
    )
    gemini.will(
        streams(None, loser, piece("stop")),
        streams(winner, None, piece("stop")),
        streams(*texts("Added.")),
    )
    journal = MemoryJournal()
    running = turn(journal, listener=told.append, seconds=60)
    answer = asyncio.create_task(agent.run(running, [], "add a task"))

    await until(
        "one is left", lambda: (len(gemini.requests), gemini.answering, gemini.held) == (2, 1, 1)
    )
    gemini.release()

    assert await answer == "Added."
    assert [one["arguments"]["title"] for one in tools.calls] == ["winner"]
    assert names(told) == ["Asked", "Came", "Said"]


@pytest.mark.parametrize("reply", [says("Whole."), asks(("list_tasks", {}))], ids=["text", "calls"])
async def test_a_whole_answer_beside_a_stream_that_has_not_begun_wins(
    agent: TaskAgent, gemini: ScriptedGemini, reply: Reply
) -> None:
    told: list[Event] = []
    gemini.will(streams(hangs=True), reply, says("None."))

    await agent.run(turn(listener=told.append, seconds=60), [], "hi")

    assert names(told)[-1] == "Said"
    assert "Retracted" not in names(told)


async def test_a_cancelled_turn_leaves_neither_under_way(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    told: list[Event] = []
    gemini.will(streams(hangs=True), streams(hangs=True))
    answer = asyncio.create_task(agent.run(turn(listener=told.append, seconds=60), [], "hi"))
    await until("both are under way", lambda: gemini.answering == 2)

    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer
    await until("nothing is under way", lambda: gemini.answering == 0)
    assert told == []


async def test_of_two_that_begin_at_the_same_moment_one_is_heard() -> None:
    both, heard, ended = asyncio.Event(), list[int](), list[Winner]()
    asked = 0

    async def ask(begin: Begin) -> int:
        nonlocal asked
        asked += 1
        number = asked
        if number == 2:
            both.set()
        await both.wait()
        begin()
        heard.append(number)
        await asyncio.sleep(0)
        return number

    call_ = HedgedCall(Patience(10, 0.01, HedgeBudget()), ended.append)
    result = await call_.attempt(ask)

    assert (heard, len(ended)) == ([result], 1)
