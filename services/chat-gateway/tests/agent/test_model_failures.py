"""Requests to the model that fail."""

import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.errors import (
    DeadlineExceeded,
    ModelError,
    ModelUnavailable,
)
from prometheus_client import CollectorRegistry

from ..equipment.gemini import Reply, ScriptedGemini, fails, says
from ..equipment.turns import turn


def retries(registry: CollectorRegistry) -> dict[str, float]:
    """How often the model was asked again, by reason."""
    return {
        sample.labels["reason"]: sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "taskchat_model_retries_total"
    }


@pytest.mark.parametrize("status", [429, 500])
async def test_a_passing_failure_is_asked_again(
    agent: TaskAgent, gemini: ScriptedGemini, registry: CollectorRegistry, status: int
) -> None:
    gemini.will(fails(status), Reply(b'{"choi', cut=True), says("Here I am."))

    assert await agent.run(turn(), [], "hi") == "Here I am."
    reason = {429: "rate_limited", 500: "server_error"}[status]
    assert retries(registry) == {reason: 1, "unreachable": 1}


async def test_three_failures_are_model_unavailable(
    agent: TaskAgent, gemini: ScriptedGemini, registry: CollectorRegistry
) -> None:
    gemini.will(*[fails(503)] * 3)

    with pytest.raises(ModelUnavailable):
        await agent.run(turn(), [], "hi")
    assert len(gemini.requests) == 3
    assert retries(registry) == {"server_error": 2}


@pytest.mark.parametrize(
    "reply", [fails(429, retry_after=60), fails(429, retryDelay="60s")], ids=["header", "body"]
)
async def test_a_wait_beyond_the_deadline_is_handed_to_the_client(
    agent: TaskAgent, gemini: ScriptedGemini, reply: Reply
) -> None:
    gemini.will(reply)

    with pytest.raises(ModelUnavailable) as raised:
        await agent.run(turn(), [], "hi")
    assert raised.value.retry_after_seconds == 60
    assert len(gemini.requests) == 1


@pytest.mark.parametrize(
    "reply", [fails(400, reason="API_KEY_INVALID"), fails(401), fails(403), fails(404)]
)
async def test_a_refused_request_is_an_error_that_somebody_must_act_on(
    agent: TaskAgent,
    gemini: ScriptedGemini,
    reply: Reply,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gemini.will(reply)

    with pytest.raises(ModelError):
        await agent.run(turn(), [], "hi")
    (record,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert record.message == "model refused our request"
    assert "secret" not in str(vars(record))


async def test_no_server_at_all_is_model_unavailable(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    gemini.will(*[Reply(b"", cut=True)] * 3)

    with pytest.raises(ModelUnavailable):
        await agent.run(turn(), [], "hi")


async def test_a_model_that_hangs_ends_at_the_deadline(
    agent: TaskAgent, gemini: ScriptedGemini
) -> None:
    gemini.may_answer.clear()

    with pytest.raises(DeadlineExceeded):
        await agent.run(turn(seconds=0.3), [], "hi")
