"""Requests to the model that fail."""

import time
from email.utils import formatdate

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
    "reply",
    [
        fails(429, retry_after=60),
        fails(429, retryDelay="60s"),
        fails(429, retryDelay="1m0.0s"),
        fails(429, retryDelay="PT60S"),
        fails(429, retryDelay={"seconds": "60"}),
        Reply(b'{"error": {"code": 429}}', headers={"retry-after": "60"}),
    ],
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


async def test_a_wait_may_be_a_date(agent: TaskAgent, gemini: ScriptedGemini) -> None:
    gemini.will(fails(429, retry_after=formatdate(time.time() + 60, usegmt=True)))

    with pytest.raises(ModelUnavailable) as raised:
        await agent.run(turn(), [], "hi")
    assert raised.value.retry_after_seconds == pytest.approx(60, abs=5)


@pytest.mark.parametrize(
    "body",
    [
        b'{"code": 429, "status": "RESOURCE_EXHAUSTED"}',
        b'{"errors": [{"code": "503"}]}',
        b'{"object": "error", "code": 503}',
        b'{"detail": "Service unavailable"}',
        b'{"error": {"error": {"code": 429}}}',
        b'{"error": {"code": ' + b"9" * 400 + b"}}",
        b'{"error": {"code": "' + b"9" * 5000 + b'"}}',
        b'{"choices": [{"error": {"code": 502}, "message": {"content": ""}}]}',
    ],
)
async def test_an_error_inside_of_200_is_asked_again(
    agent: TaskAgent, gemini: ScriptedGemini, body: bytes, registry: CollectorRegistry
) -> None:
    gemini.will(Reply(body), says("Here I am."))

    assert await agent.run(turn(), [], "hi") == "Here I am."
    assert not retries(registry).get("nonsense")


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
