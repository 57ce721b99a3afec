"""contract.md "Retries", as far as no process has to die for it (those are in tests/faults)."""

import asyncio
from uuid import uuid4

from devstack.stack import Stack

from tests.equipment.chat import User, answer, refusal, say
from tests.equipment.database import DatabaseView
from tests.equipment.simulator import Simulator, calls, text

AT_ONCE = 20


async def test_finished_turn_is_replayed_byte_for_byte(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    key = str(uuid4())
    first = await say(stack.urls.gateway, alice, "add a task to buy milk", key=key)
    rows = await database.rows_of(alice.user_id)

    again = [
        await say(stack.urls.gateway, alice, "add a task to buy milk", key=key) for _ in range(3)
    ]

    answer(first)
    assert first.header("idempotency-replayed") is None
    assert {response.body for response in again} == {first.body}
    assert {response.header("idempotency-replayed") for response in again} == {"true"}
    assert await database.rows_of(alice.user_id) == rows


async def test_running_turn_is_not_run_twice(
    stack: Stack, simulator: Simulator, alice: User, database: DatabaseView
) -> None:
    said, key = f"hello {uuid4()}", str(uuid4())
    await simulator.hang(said)
    turn = asyncio.create_task(say(stack.urls.gateway, alice, said, key=key))
    await simulator.wait_until_held(said)

    refused = await say(stack.urls.gateway, alice, said, key=key)

    refusal(refused, 409, "turn_in_progress")
    assert int(refused.header("retry-after") or 0) > 0
    await simulator.release(said)
    answer(await turn)
    assert await database.rows_of(alice.user_id) == {
        "chat.conversation": 1,
        "chat.message": 2,
        "chat.turn": 1,
        "chat.daily_use": 1,
    }


async def test_twenty_at_once_with_one_key_are_one_turn(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    key = str(uuid4())

    responses = await asyncio.gather(
        *(say(stack.urls.gateway, alice, "add a task to buy milk", key=key) for _ in range(AT_ONCE))
    )

    answered = [response for response in responses if response.status == 200]
    assert answered
    assert len({response.body for response in answered}) == 1
    for response in responses:
        if response.status != 200:
            refusal(response, 409, "turn_in_progress")
    rows = await database.rows_of(alice.user_id)
    assert rows.pop("tasks.tool_call") >= 1
    assert rows == {
        "chat.conversation": 1,
        "chat.message": 2,
        "chat.turn": 1,
        "chat.daily_use": 1,
        "tasks.task": 1,
    }


async def test_key_of_another_body_is_refused_and_changes_nothing(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    key = str(uuid4())
    first = await say(stack.urls.gateway, alice, "hello", key=key)
    opened = answer(first)["conversation_id"]
    rows = await database.rows_of(alice.user_id)

    for message, conversation_id in (("hello!", None), ("hello", opened)):
        refusal(
            await say(stack.urls.gateway, alice, message, conversation_id=conversation_id, key=key),
            422,
            "idempotency_key_reused",
        )

    assert await database.rows_of(alice.user_id) == rows
    assert (await say(stack.urls.gateway, alice, "hello", key=key)).body == first.body


async def test_failed_turn_goes_on_from_its_last_recorded_step(
    stack: Stack, simulator: Simulator, alice: User, database: DatabaseView
) -> None:
    said, key = f"milk {uuid4()}", str(uuid4())
    await simulator.script(said, calls(("add_task", {"title": "milk"})))
    fault = {"kind": "status", "match": said, "step": 1, "status": 503, "count": 100}
    ordered = await simulator.order(fault)
    failed = await say(stack.urls.gateway, alice, said, key=key)
    refusal(failed, 503, "model_unavailable")
    await simulator.take_back(ordered)
    await simulator.script(said, text("Milk it is."))

    resumed = answer(await say(stack.urls.gateway, alice, said, key=key))

    assert resumed["response"] == "Milk it is."
    assert [call["name"] for call in resumed["tool_calls"]] == ["add_task"]
    assert await database.rows_of(alice.user_id) == {
        "chat.conversation": 1,
        "chat.message": 2,
        "chat.turn": 1,
        "chat.daily_use": 1,
        "tasks.task": 1,
        "tasks.tool_call": 1,
    }


async def test_turns_of_different_conversations_run_at_the_same_time(
    stack: Stack, simulator: Simulator, alice: User
) -> None:
    said = f"hello {uuid4()}"
    await simulator.hang(said)
    turn = asyncio.create_task(say(stack.urls.gateway, alice, said))
    await simulator.wait_until_held(said)

    answer(await say(stack.urls.gateway, alice, "hello"))

    assert not turn.done()
    await simulator.release(said)
    answer(await turn)
