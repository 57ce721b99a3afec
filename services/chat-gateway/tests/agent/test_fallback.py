"""Another model answers when the first one is out of quota, overloaded, gone, or hangs."""

from collections.abc import Sequence

import orjson
import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.errors import ModelError, ModelRefused, ModelUnavailable
from chat_gateway.model.candidates import Candidate, candidates
from chat_gateway.model.hedging import HedgeBudget, Patience
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from ..equipment.gemini import Reply, ScriptedGemini, asks, fails, says, signature
from ..equipment.turns import turn

FIRST, OTHER = "gemini-flash-latest", "gemini-flash-lite-latest"


@pytest.fixture
def models() -> Sequence[Candidate]:
    return candidates(FIRST, OTHER, reasoning_effort="", max_output_tokens=8192)


@pytest.fixture
def patience() -> Patience:
    return Patience(call_timeout_seconds=0.3, hedge_after_seconds=0, budget=HedgeBudget())


def asked(gemini: ScriptedGemini) -> list[str]:
    """The models in the order in which they were asked."""
    return [request["model"] for request in gemini.requests]


@pytest.mark.parametrize(
    "failure",
    [
        fails(429, retryDelay="2s"),
        fails(429, retryDelay="47s"),
        fails(429, retryDelay="36000s"),
        fails(429, retry_after="3"),
        fails(429, retry_after="Wed, 21 Oct 99999999999 07:28:00 GMT"),
        fails(503),
        fails(500),
        fails(499),
        fails(408),
        fails(404),
        fails(410),
        Reply(b'{"error": {"message": "Invalid model name passed in model=x"}}', status=400),
        Reply(orjson.dumps({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}})),
        Reply(orjson.dumps([{"error": {"status": "UNAVAILABLE"}}])),
        Reply(b"", held=True),
    ],
    ids=["429 2 s", "429 47 s", "429 10 h", "429 header", "429 no date",
         "503", "500", "499", "408", "404",
         "410", "400 of LiteLLM", "429 inside of 200", "503 inside of 200", "hang"],
)  # fmt: skip
async def test_the_fallback_answers_at_once_and_for_the_rest_of_the_turn(
    agent: TaskAgent,
    gemini: ScriptedGemini,
    registry: CollectorRegistry,
    exported: InMemorySpanExporter,
    failure: Reply,
) -> None:
    gemini.will(failure, asks(("list_tasks", {})), says("None."))

    assert await agent.run(turn(seconds=1.5), [], "show my tasks") == "None."

    assert asked(gemini) == [FIRST, OTHER, OTHER]
    label = {"gen_ai_request_model": OTHER}
    assert registry.get_sample_value("taskchat_model_fallbacks_total", label) == 2
    calls = [span for span in exported.get_finished_spans() if span.name.startswith("chat ")]
    assert [(span.attributes or {}).get("taskchat.model.fallback") for span in calls] == [OTHER] * 2


@pytest.mark.parametrize("failure", [fails(400), fails(401), fails(403)])
async def test_a_wrong_key_or_request_is_no_better_with_another_model(
    agent: TaskAgent, gemini: ScriptedGemini, failure: Reply
) -> None:
    gemini.will(failure)

    with pytest.raises(ModelError):
        await agent.run(turn(), [], "hi")
    assert asked(gemini) == [FIRST]


async def test_a_fallback_that_refuses_is_as_good_as_none(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    gemini.will(fails(503), fails(400), fails(503), says("Here I am."))

    assert await agent.run(turn(), [], "hi") == "Here I am."
    assert asked(gemini) == [FIRST, OTHER, FIRST, FIRST]

    gemini.will(fails(503), asks(("list_tasks", {})), fails(400), says("None."))
    assert await agent.run(turn(), [], "show my tasks") == "None."
    assert asked(gemini)[4:] == [FIRST, OTHER, OTHER, FIRST]


async def test_a_message_that_the_filter_refuses_is_not_taken_to_another_model(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    gemini.will(says(None, finish_reason="content_filter"))

    with pytest.raises(ModelRefused):
        await agent.run(turn(), [], "hi")
    assert asked(gemini) == [FIRST]


async def test_both_out_of_quota_is_told_with_the_shorter_wait(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    gemini.will(fails(429, retryDelay="36000s"), fails(429, retryDelay="47s"))

    with pytest.raises(ModelUnavailable) as raised:
        await agent.run(turn(), [], "hi")
    assert raised.value.retry_after_seconds == 47
    assert asked(gemini) == [FIRST, OTHER]


async def test_both_busy_for_a_moment_are_asked_again_in_their_order(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    gemini.will(fails(503), fails(503), says("Here I am."))

    assert await agent.run(turn(), [], "hi") == "Here I am."
    assert asked(gemini) == [FIRST, OTHER, FIRST]


async def test_a_model_that_is_gone_is_not_asked_again_in_the_turn(
    agent: TaskAgent, gemini: ScriptedGemini, caplog: pytest.LogCaptureFixture
) -> None:
    gemini.will(fails(404), fails(503), says("Here I am."))

    assert await agent.run(turn(), [], "hi") == "Here I am."
    assert asked(gemini) == [FIRST, OTHER, OTHER]
    (refused,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert vars(refused)["setting"] == "GEMINI_MODEL"

    gemini.will(fails(404), fails(404))
    with pytest.raises(ModelError):
        await agent.run(turn(), [], "hi")


async def test_a_signature_is_never_sent_to_another_model(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    gemini.will(asks(("list_tasks", {}), ("list_tasks", {})), fails(503), says("None."))

    await agent.run(turn(), [], "show my tasks")

    to_first, to_other = (request["messages"][-3]["tool_calls"] for request in gemini.requests[1:])
    own = {"google": {"thought_signature": signature("list_tasks", "{}")}}
    assert [call.get("extra_content") for call in to_first] == [own, None]
    skip = {"google": {"thought_signature": "skip_thought_signature_validator"}}
    assert [call.get("extra_content") for call in to_other] == [skip, None]


async def test_each_model_is_asked_in_its_own_way(agent: TaskAgent, gemini: ScriptedGemini) -> None:
    gemini.will(fails(503), says("Here I am."))

    await agent.run(turn(), [], "hi")

    settings = [(one["reasoning_effort"], one["max_tokens"]) for one in gemini.requests]
    assert settings == [("low", 8192), ("minimal", 8192)]
    assert not {"temperature", "top_p", "n", "store"} & {*gemini.requests[0], *gemini.requests[1]}


def test_without_a_fallback_there_is_one() -> None:
    for other in ("", FIRST):
        (only,) = candidates(FIRST, other, reasoning_effort="high", max_output_tokens=1000)
        assert (only.name, only.members["reasoning_effort"]) == (FIRST, "high")
