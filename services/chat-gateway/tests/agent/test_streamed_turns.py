"""Turns that somebody listens to: what is told while they run, and in which order."""

import asyncio

import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.errors import DeadlineExceeded, ModelError
from chat_gateway.turns.events import BEFORE_CALLS, Asked, Came, Event, Retracted, Said
from chat_gateway.turns.journal import LeaseLost
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from ..equipment.gemini import ScriptedGemini, asks, fails, says
from ..equipment.listening import names, texts_of
from ..equipment.mcp_tools import ScriptedTools
from ..equipment.model_streams import call, piece, signed, streams, texts
from ..equipment.turns import MemoryJournal, turn
from ..equipment.waiting import wait_until

MILK = '{"title": "milk"}'
ADD_MILK = streams(
    piece(tool_calls=[{**call("add_task", MILK, "c1"), **signed("add_task", MILK)}]), piece("stop")
)


async def test_the_text_is_said_as_it_comes(agent: TaskAgent, gemini: ScriptedGemini) -> None:
    told: list[Event] = []
    gemini.will(streams(piece(content="Hello"), None, piece(content=" there."), piece("stop")))
    context = turn(listener=told.append)
    answer = asyncio.create_task(agent.run(context, [], "hi"))

    async def said() -> bool:
        return bool(told) and gemini.held == 1

    await wait_until("the first piece is said", said)
    assert (names(told), answer.done()) == (["Said"], False)
    gemini.release()

    assert await answer == "Hello there."
    (text,) = texts_of(told)
    assert text == "Hello there."
    assert {event.text_id for event in told if isinstance(event, Said)} == {context.voice.text_id}
    (asked,) = gemini.requests
    assert (asked["stream"], asked["stream_options"]) == (True, {"include_usage": True})


async def test_a_turn_that_nobody_listens_to_is_asked_for_as_ever(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    gemini.will(says("Hello."))

    context = turn()
    assert await agent.run(context, [], "hi") == "Hello."
    assert not {"stream", "stream_options"} & gemini.requests[0].keys()
    assert context.voice.text_id is None


async def test_calls_are_told_when_they_are_recorded_and_before_they_run(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    told: list[Event] = []
    journal = MemoryJournal()
    seen: list[tuple[str, int, int, int]] = []

    def listen(event: Event) -> None:
        told.append(event)
        counted = (len(journal.steps), len(tools.calls), len(journal.results))
        seen.append((type(event).__name__, *counted))

    gemini.will(ADD_MILK, streams(*texts("Added", " milk.")))
    assert await agent.run(turn(journal, listener=listen), [], "add milk") == "Added milk."

    assert seen[:2] == [("Asked", 1, 0, 0), ("Came", 1, 1, 1)]
    assert names(told) == ["Asked", "Came", "Said", "Said"]
    asked, came = told[0], told[1]
    assert isinstance(asked, Asked)
    assert isinstance(came, Came)
    assert asked.calls == journal.steps[0].calls
    assert came.result == journal.results[0]
    signature = gemini.requests[1]["messages"][-2]["tool_calls"][0]["extra_content"]
    assert signature == signed("add_task", MILK)["extra_content"]


async def test_text_before_calls_is_taken_back_as_soon_as_they_come(
    agent: TaskAgent, gemini: ScriptedGemini, registry: CollectorRegistry
) -> None:
    told: list[Event] = []
    before = streams(
        piece(content="Let me do that."),
        piece(tool_calls=[call("add_task", MILK, "c1")]),
        None,
        piece("stop"),
    )
    gemini.will(before, streams(*texts("Done.")))
    answer = asyncio.create_task(agent.run(turn(listener=told.append), [], "add milk"))

    async def taken_back() -> bool:
        return (len(told), gemini.held) == (2, 1)

    await wait_until("the text is taken back", taken_back)
    gemini.release()

    assert await answer == "Done."
    assert names(told) == ["Said", "Retracted", "Asked", "Came", "Said"]
    said, gone = told[:2]
    assert isinstance(said, Said)
    assert gone == Retracted(said.text_id, BEFORE_CALLS)
    # The model gets its own words back.
    assert gemini.requests[1]["messages"][-2]["content"] == "Let me do that."


async def test_an_endpoint_that_does_not_stream_is_understood(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    told: list[Event] = []
    gemini.will(asks(("add_task", {"title": "milk"}), text="Let me."), says(" Added.\n"))

    assert await agent.run(turn(listener=told.append), [], "add milk") == "Added."
    assert names(told) == ["Asked", "Came", "Said"]
    assert texts_of(told) == ["Added."]
    assert len(tools.calls) == 1


async def test_what_was_recorded_is_told_again_once_and_in_order(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
) -> None:
    journal, first, again = MemoryJournal(), list[Event](), list[Event]()
    gemini.will(
        asks(("add_task", {"title": "a"}), ("add_task", {"title": "b"})),
        asks(("list_tasks", {})),
        fails(400),
    )
    with pytest.raises(ModelError):
        await agent.run(turn(journal, listener=first.append), [], "a and b")
    assert names(first) == ["Asked", "Came", "Came", "Asked", "Came"]

    del journal.recorded[2]
    gemini.will(streams(*texts("Done.")))
    await agent.run(turn(journal, listener=again.append), [], "a and b")

    assert again[:4] == first[:4]
    assert names(again) == [*names(first), "Said"]
    assert len(tools.calls) == 4


async def test_the_report_of_a_turn_of_too_many_steps_is_said(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    told: list[Event] = []
    gemini.will(*[streams(piece(content="Hm."), piece(tool_calls=[call("list_tasks", "{}")]),
                          piece("stop"))] * 6)  # fmt: skip

    answer = await agent.run(turn(listener=told.append, seconds=60), [], "go on for ever")

    assert answer.startswith("This took more steps")
    assert texts_of(told)[-1] == answer
    assert isinstance(told[-1], Said)


@pytest.mark.parametrize("ending", ["deadline", "cancelled", "lease"])
async def test_a_turn_that_ends_without_an_answer_takes_its_text_back(
    agent: TaskAgent, gemini: ScriptedGemini, ending: str
) -> None:
    told: list[Event] = []
    hanging = [piece(content="I will"), *([piece(tool_calls=[call("add_task", MILK)])]
               if ending == "lease" else [])]  # fmt: skip
    gemini.will(streams(*hanging, *([piece("stop")] if ending == "lease" else []),
                        hangs=ending != "lease"))  # fmt: skip
    journal = MemoryJournal(lost=ending == "lease")
    seconds = 1 if ending == "deadline" else 60
    context = turn(journal, listener=told.append, seconds=seconds)
    answer = asyncio.create_task(agent.run(context, [], "add milk"))

    if ending == "cancelled":

        async def said() -> bool:
            return bool(told)

        await wait_until("a piece is said", said)
        answer.cancel()
    raised = {
        "deadline": DeadlineExceeded,
        "cancelled": asyncio.CancelledError,
        "lease": LeaseLost,
    }[ending]
    with pytest.raises(raised):
        await answer

    assert (names(told), context.voice.text_id) == (["Said", "Retracted"], None)

    async def nobody_waits() -> bool:
        return gemini.answering == 0

    await wait_until("no request to the model is under way", nobody_waits)


async def test_the_first_words_are_an_event_of_the_call_without_being_told(
    agent: TaskAgent,
    gemini: ScriptedGemini,
    exported: InMemorySpanExporter,
    registry: CollectorRegistry,
) -> None:
    gemini.will(ADD_MILK, streams(*texts("secret", " words")))
    await agent.run(turn(listener=lambda _: None), [], "add milk")

    calls = [span for span in exported.get_finished_spans() if span.name.startswith("chat ")]
    events = [[(one.name, dict(one.attributes or {})) for one in span.events] for span in calls]
    assert events == [[], [("taskchat.model.first_text", {})]]
    model = {"gen_ai_request_model": "gemini-flash-latest"}
    name = "taskchat_model_time_to_first_token_seconds_count"
    assert registry.get_sample_value(name, model) == 2


async def test_a_connection_is_used_again_after_a_stream(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    gemini.will(ADD_MILK, streams(*texts("Added.")), streams(*texts("Hello.")))

    await agent.run(turn(listener=lambda _: None), [], "add milk")
    await agent.run(turn(listener=lambda _: None), [], "hi")

    assert gemini.connections == 1
