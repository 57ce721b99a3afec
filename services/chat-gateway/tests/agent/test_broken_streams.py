"""Streams that break off, are garbled, stall or end in nonsense: what was said is taken back."""

import asyncio
from collections.abc import Sequence

import orjson
import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.conversations.history import HistoryMessage
from chat_gateway.errors import ModelError, ModelUnavailable
from chat_gateway.model.candidates import Candidate, candidates
from chat_gateway.model.hedging import HedgeBudget, Patience
from chat_gateway.turns.events import Event, Retracted, Said
from prometheus_client import CollectorRegistry

from ..equipment.gemini import Reply, ScriptedGemini, fails
from ..equipment.listening import names, texts_of
from ..equipment.mcp_tools import ScriptedTools
from ..equipment.model_streams import call, event, piece, streams, texts
from ..equipment.turns import MemoryJournal, turn

STALL_SECONDS = 0.3
MODEL = "gemini-flash-latest"
HALF = piece(content="I added mi")
CUT_CALL = piece(tool_calls=[call("add_task", '{"title": "mi', "c1", index=0)])
WHOLE_CALL = piece(tool_calls=[call("add_task", '{"title": "milk"}', "c1", index=0)])
QUOTA = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "secret words"}}


@pytest.fixture
def patience() -> Patience:
    """Never a second request, and soon tired of a stall."""
    return Patience(60, hedge_after_seconds=0, budget=HedgeBudget(), stall_seconds=STALL_SECONDS)


BROKEN: dict[str, tuple[Reply, str, str | None]] = {
    "cut in the text": (streams(HALF, done=False), "cut", "cut"),
    "the connection breaks in the text": (streams(HALF, cut=True), "cut", "cut"),
    "done without an end": (streams(HALF), "cut", "cut"),
    "cut in arguments": (streams(CUT_CALL, done=False), "cut", None),
    "the connection breaks in arguments": (streams(CUT_CALL, cut=True), "cut", None),
    "cut between two calls": (streams(WHOLE_CALL, done=False), "cut", None),
    "cut in a piece": (Reply(b"", content_type="text/event-stream", blocks=(event(HALF)[:-9],)),
                       "cut", None),
    "empty": (streams(done=False), "cut", None),
    "nothing but its end": (streams(), "cut", None),
    "keep-alives": (Reply(b"", content_type="text/event-stream", blocks=(b": ok\n\n",)),
                    "cut", None),
    "a stall in the text": (streams(HALF, hangs=True), "stall", "stall"),
    "a stall in arguments": (streams(CUT_CALL, hangs=True), "stall", None),
    "429 before the stream": (fails(429), "rate_limited", None),
    "503 before the stream": (fails(503), "server_error", None),
    "429 in the stream": (streams(QUOTA), "rate_limited", None),
    "429 after text": (streams(HALF, QUOTA), "rate_limited", "rate_limited"),
    "429 as JSON": (Reply(orjson.dumps([QUOTA])), "rate_limited", None),
    "503 after text": (streams(HALF, {"error": {"status": "UNAVAILABLE"}}), "server_error",
                       "server_error"),
    "a garbage line": (streams(HALF, b"{not json", piece("stop")), "nonsense", "nonsense"),
    "garbage": (Reply(b"<html>surely not</html>", content_type="text/html"), "nonsense", None),
    "no tokens left": (streams(HALF, piece("length")), "nonsense", "nonsense"),
    "the filter": (streams(HALF, piece("content_filter")), "nonsense", "nonsense"),
    "malformed": (streams(HALF, piece("MALFORMED_FUNCTION_CALL")), "nonsense", "nonsense"),
    "nothing visible": (streams(*texts("\u200b")), "nonsense", "nonsense"),
    "a call as text": (streams(*texts("Sure.\n", '{"name": "add_task", ', '"arguments": {}}')),
                       "nonsense", "nonsense"),
    "one of our notes": (streams(*texts("[done: add_task ", '"milk" id=01a2]')), "nonsense", None),
    "half a character": (streams(b'{"choices": [{"delta": {"content": "a\\ud800b"}, '
                                 b'"finish_reason": "stop"}]}'), "nonsense", None),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
async def test_it_is_asked_again_and_nothing_of_it_stays(
    agent: TaskAgent,
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    registry: CollectorRegistry,
    kind: str,
) -> None:
    broken, reason, taken_back = BROKEN[kind]
    told: list[Event] = []
    journal = MemoryJournal()
    gemini.will(broken, streams(*texts("Here", " I am.")))

    answer = await agent.run(turn(journal, listener=told.append, seconds=60), [], "hi")

    assert answer == "Here I am."
    assert (journal.steps, tools.calls, len(gemini.requests)) == ([], [], 2)
    labels = {"gen_ai_request_model": MODEL, "reason": reason}
    assert registry.get_sample_value("taskchat_model_retries_total", labels) == 1
    said = ["Said", "Retracted"] if taken_back else []
    assert names(told) == [*said, "Said", "Said"]
    if taken_back:
        first = told[0]
        assert isinstance(first, Said)
        assert told[1] == Retracted(first.text_id, taken_back)
    assert texts_of(told)[-1] == "Here I am."


@pytest.mark.parametrize("kind", ["cut in the text", "429 after text", "a garbage line"])
async def test_if_it_stays_so_the_turn_fails_and_nothing_stands(
    agent: TaskAgent, gemini: ScriptedGemini, kind: str
) -> None:
    broken, reason, _ = BROKEN[kind]
    told: list[Event] = []
    gemini.will(*[broken] * 3)

    context = turn(listener=told.append, seconds=60)
    with pytest.raises(ModelError if reason == "nonsense" else ModelUnavailable):
        await agent.run(context, [], "hi")

    assert context.voice.text_id is None
    assert set(names(told)) == {"Said", "Retracted"}
    assert names(told)[-1] == "Retracted"


async def test_a_refusal_after_text_is_asked_again_without_the_history(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    told: list[Event] = []
    history = [HistoryMessage("user", "something FORBIDDEN"), HistoryMessage("assistant", "No.")]
    gemini.will(streams(HALF, piece("stop", refusal="I will not.")), streams(*texts("Hello.")))

    assert await agent.run(turn(listener=told.append), history, "hi") == "Hello."
    assert names(told) == ["Said", "Retracted", "Said"]
    assert [event.reason for event in told if isinstance(event, Retracted)] == ["refused"]


async def test_a_stall_before_the_first_word_is_no_stall(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    """A model that thinks is waited for as long as one that does not stream."""
    told: list[Event] = []
    gemini.will(streams(piece(content=""), None, *texts("Hello.")))
    answer = asyncio.create_task(agent.run(turn(listener=told.append, seconds=60), [], "hi"))

    done, _ = await asyncio.wait([answer], timeout=3 * STALL_SECONDS)
    assert (done, gemini.held) == (set(), 1)
    gemini.release()

    assert await answer == "Hello."
    assert len(gemini.requests) == 1


@pytest.mark.parametrize(
    "patience", [Patience(0.3, hedge_after_seconds=0, budget=HedgeBudget(), stall_seconds=60)]
)
async def test_the_whole_of_an_answer_has_its_time_too(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    told: list[Event] = []
    gemini.will(streams(HALF, hangs=True), streams(*texts("Hello.")))

    assert await agent.run(turn(listener=told.append, seconds=60), [], "hi") == "Hello."
    assert [event.reason for event in told if isinstance(event, Retracted)] == ["timeout"]


class TestFallback:
    @pytest.fixture
    def models(self) -> Sequence[Candidate]:
        return candidates(MODEL, "gemini-flash-lite-latest", reasoning_effort="",
                          max_output_tokens=8192)  # fmt: skip

    @pytest.mark.parametrize("kind", ["cut in the text", "a stall in the text", "429 after text"])
    async def test_what_the_failed_one_said_is_taken_back_before_the_other_speaks(
        self, agent: TaskAgent, gemini: ScriptedGemini, kind: str
    ) -> None:
        broken, _, taken_back = BROKEN[kind]
        told: list[Event] = []
        gemini.will(broken, streams(*texts("Here I am.")))

        assert await agent.run(turn(listener=told.append), [], "hi") == "Here I am."
        assert [one["model"] for one in gemini.requests] == [MODEL, "gemini-flash-lite-latest"]
        assert names(told) == ["Said", "Retracted", "Said"]
        assert [e.reason for e in told if isinstance(e, Retracted)] == [taken_back]

    async def test_a_model_that_goes_after_its_first_words_is_not_asked_again(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        told: list[Event] = []
        gone = {"error": {"code": 404, "status": "NOT_FOUND"}}
        gemini.will(streams(HALF, gone), streams(*texts("Here I am.")))

        assert await agent.run(turn(listener=told.append), [], "hi") == "Here I am."
        assert [e.reason for e in told if isinstance(e, Retracted)] == ["failed"]
