"""The first model fails in each way that another one may not: the person gets an answer in time."""

from uuid import uuid4

import pytest
from devstack.stack import Stack

from tests.equipment.chat import User, answer, say
from tests.equipment.database import DatabaseView
from tests.equipment.simulator import Simulator

FIRST = "gemini-flash-latest"
FALLBACK = "gemini-flash-lite-latest"


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "retry_after_seconds": 2},
        {"status": 429, "retry_after_seconds": 47},
        {"status": 429, "retry_after_seconds": 36_000, "quota_value": "0"},
        {"status": 503},
        {"status": 499},
        {"status": 404},
    ],
    ids=["quota for 2 s", "quota for 47 s", "quota for 10 h", "overloaded", "cancelled", "gone"],
)
async def test_another_model_answers(
    stack: Stack,
    simulator: Simulator,
    alice: User,
    database: DatabaseView,
    fault: dict[str, object],
) -> None:
    said = f"add a task to buy milk {uuid4()}"
    ordered = await simulator.order(
        {"kind": "status", "model": FIRST, "match": said, "count": 1000, **fault}
    )

    found = answer(await say(stack.urls.gateway, alice, said))

    await simulator.take_back(ordered)
    assert [call["status"] for call in found["tool_calls"]] == ["ok"]
    assert (await database.rows_of(alice.user_id))["tasks.task"] == 1
    assert [request["model"] for request in await simulator.asked(said)] == [
        FIRST,
        FALLBACK,
        FALLBACK,
    ]


async def test_a_model_that_hangs_is_given_up_for_the_other_one(
    stack: Stack, simulator: Simulator, alice: User
) -> None:
    gateway = stack.add_process(
        "chat-gateway",
        "gateway-impatient",
        MODEL_CALL_TIMEOUT_SECONDS="1",
        MODEL_HEDGE_AFTER_SECONDS="0",
        TURN_DEADLINE_SECONDS="30",
    )
    said = f"add a task to buy milk {uuid4()}"
    ordered = await simulator.order({"kind": "hang", "model": FIRST, "match": said, "count": 1000})

    found = answer(await say(f"http://127.0.0.1:{gateway.env['PORT']}", alice, said))

    await simulator.take_back(ordered)
    gateway.stop()
    assert [call["status"] for call in found["tool_calls"]] == ["ok"]
    models = [request["model"] for request in await simulator.asked(said)]
    assert models == [FIRST, FALLBACK, FALLBACK]
