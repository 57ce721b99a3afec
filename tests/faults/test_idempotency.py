"""contract.md "Retries": one key is one turn, however often and however fast it is sent."""

import asyncio
import json
from uuid import uuid4

from devstack.stack import Stack
from pydantic import JsonValue

from tests.conftest import NewUser
from tests.equipment.chat import User, answer, post, refusal, say
from tests.equipment.database import DatabaseView
from tests.equipment.retries import say_until_answered
from tests.equipment.simulator import Simulator, calls, text

AT_ONCE = 20


def one_task(title: str) -> tuple[dict[str, JsonValue], ...]:
    """A script: one tool call, then an answer."""
    return calls(("add_task", {"title": title})), text("Done.")


async def test_key_of_another_person_is_another_key(
    stack: Stack, new_user: NewUser, database: DatabaseView
) -> None:
    key = str(uuid4())
    alice, bob = await new_user(), await new_user()

    hers = answer(await say(stack.urls.gateway, alice, "hello", key=key))
    his = answer(await say(stack.urls.gateway, bob, "hello there", key=key))

    assert hers["turn_id"] != his["turn_id"]
    assert (await database.rows_of(bob.user_id))["chat.turn"] == 1


async def test_key_with_another_body_is_refused(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    key = str(uuid4())
    first = answer(await say(stack.urls.gateway, alice, "hello", key=key))

    for body in (
        {"message": "goodbye"},
        {"message": "hello", "conversation_id": first["conversation_id"]},
    ):
        response = await post(
            stack.urls.gateway,
            alice,
            json.dumps(body).encode(),
            headers=[("Idempotency-Key", key)],
        )
        refusal(response, 422, "idempotency_key_reused")

    assert (await database.rows_of(alice.user_id))["chat.message"] == 2


async def test_the_same_request_twenty_times_at_once_is_one_turn(
    stack: Stack, simulator: Simulator, alice: User, database: DatabaseView
) -> None:
    said, key = f"milk {uuid4()}", str(uuid4())
    await simulator.script(said, *one_task("milk"))

    first = await asyncio.gather(
        *(say(stack.urls.gateway, alice, said, key=key) for _ in range(AT_ONCE))
    )

    for response in first:
        if response.status != 200:
            refused = refusal(response, 409, "turn_in_progress")
            assert refused["detail"]
            assert int(response.header("retry-after") or "-1") >= 0
    answered = await asyncio.gather(
        *(say_until_answered(stack.urls.gateway, alice, said, key=key) for _ in range(AT_ONCE))
    )
    assert len({one.body for one in [*answered, *(r for r in first if r.status == 200)]}) == 1
    assert all(one.header("idempotency-replayed") == "true" for one in answered)
    assert await database.rows_of(alice.user_id) == {
        "chat.conversation": 1,
        "chat.message": 2,
        "chat.turn": 1,
        "chat.daily_use": 1,
        "tasks.task": 1,
        "tasks.tool_call": 1,
    }


async def test_twenty_requests_without_a_key_are_twenty_turns(
    stack: Stack, simulator: Simulator, alice: User, database: DatabaseView
) -> None:
    """The twin of the test above: it fails if all turns were one."""
    said = f"milk {uuid4()}"

    responses = await asyncio.gather(
        *(say(stack.urls.gateway, alice, said) for _ in range(AT_ONCE))
    )

    assert len({answer(one)["turn_id"] for one in responses}) == AT_ONCE
    assert (await database.rows_of(alice.user_id))["chat.conversation"] == AT_ONCE


async def test_finished_turn_is_replayed_byte_for_byte(
    stack: Stack, simulator: Simulator, alice: User
) -> None:
    said, key = f"milk {uuid4()}", str(uuid4())
    await simulator.script(said, *one_task("milk"))

    first = await say(stack.urls.gateway, alice, said, key=key)
    again = await say(stack.urls.gateway, alice, said, key=key)

    assert first.header("idempotency-replayed") is None
    assert again.header("idempotency-replayed") == "true"
    assert answer(again)["tool_calls"][0]["output"]["task"]["title"] == "milk"
    assert again.body == first.body
    assert len(await simulator.asked(said)) == 2


async def test_second_turn_of_a_conversation_is_refused_with_retry_after(
    stack: Stack, simulator: Simulator, alice: User, database: DatabaseView
) -> None:
    opened = answer(await say(stack.urls.gateway, alice, "hello"))
    conversation_id, said = opened["conversation_id"], f"hello {uuid4()}"
    await simulator.hang(said)
    running = asyncio.create_task(
        say(stack.urls.gateway, alice, said, conversation_id=conversation_id)
    )
    await simulator.wait_until_held(said)

    response = await say(stack.urls.gateway, alice, "me too", conversation_id=conversation_id)

    refusal(response, 409, "turn_in_progress")
    assert int(response.header("retry-after") or "-1") >= 0
    stored = await database.rows(
        "SELECT content FROM chat.message WHERE user_id = $1", alice.user_id
    )
    assert "me too" not in {row["content"] for row in stored}

    other = answer(await say(stack.urls.gateway, alice, "hello elsewhere"))
    assert other["conversation_id"] != conversation_id

    await simulator.release(said)
    answer(await running)
    answer(await say(stack.urls.gateway, alice, "me too", conversation_id=conversation_id))
