"""Law 7. Receive, fetch history, build input, persist the user's message, run the agent, persist
the answer, return it.

The model is held, and the database is looked at from outside: what is committed before the agent
runs, what after each of its steps, and that nobody holds a connection meanwhile.
"""

import asyncio
from uuid import UUID, uuid4

from devstack.stack import Stack

from tests.conftest import NewUser
from tests.equipment.chat import User, answer, say
from tests.equipment.database import DatabaseView
from tests.equipment.simulator import Simulator, calls, text

MORE_THAN_A_POOL = 12
"""servicekit's engine opens 5 connections, and some more when they are all taken."""

SECOND_STEP = 1


async def test_message_is_committed_and_the_turn_is_leased_before_the_agent_runs(
    stack: Stack, simulator: Simulator, alice: User, database: DatabaseView
) -> None:
    said = f"hello {uuid4()}"
    await simulator.hang(said)
    turn = asyncio.create_task(say(stack.urls.gateway, alice, said))
    await simulator.wait_until_held(said)

    messages = await database.rows(
        "SELECT id, role, content FROM chat.message WHERE user_id = $1", alice.user_id
    )
    assert [(row["role"], row["content"]) for row in messages] == [("user", said)]
    (row,) = await database.rows(
        "SELECT state, attempt, user_message_id, answer, lease_expires_at > now() AS leased,"
        " jsonb_array_length(steps) AS steps FROM chat.turn WHERE user_id = $1",
        alice.user_id,
    )
    assert row == {
        "state": "running",
        "attempt": 1,
        "user_message_id": messages[0]["id"],
        "answer": None,
        "leased": True,
        "steps": 0,
    }

    await simulator.release(said)
    answer(await turn)


async def test_history_is_fetched_before_the_message_is_stored(
    stack: Stack, simulator: Simulator, alice: User
) -> None:
    """The model sees what was said before, and then the message: once."""
    first, second = f"hello {uuid4()}", f"thanks {uuid4()}"
    opened = answer(await say(stack.urls.gateway, alice, first))
    answer(await say(stack.urls.gateway, alice, second, conversation_id=opened["conversation_id"]))

    (request,) = await simulator.asked(second)

    assert [(one["role"], one["content"]) for one in request["messages"][1:]] == [
        ("user", first),
        ("assistant", opened["response"]),
        ("user", second),
    ]


async def test_steps_are_recorded_before_the_agent_goes_on(
    stack: Stack, simulator: Simulator, alice: User, database: DatabaseView
) -> None:
    """While the model thinks about a tool's result, the request for it and the result are there."""
    said = f"milk {uuid4()}"
    await simulator.hang(said, step=SECOND_STEP)
    await simulator.script(said, calls(("add_task", {"title": "milk"})), text("Done."))
    turn = asyncio.create_task(say(stack.urls.gateway, alice, said))
    await simulator.wait_until_held(said)

    (row,) = await database.rows(
        "SELECT state, jsonb_array_length(steps) AS steps, tool_results::text AS results, answer"
        " FROM chat.turn WHERE user_id = $1",
        alice.user_id,
    )
    assert (row["state"], row["steps"], row["answer"]) == ("running", 1, None)
    assert "milk" in row["results"]
    rows = await database.rows_of(alice.user_id)
    assert rows["tasks.task"] == rows["tasks.tool_call"] == 1
    assert rows["chat.message"] == 1

    await simulator.release(said)
    answer(await turn)


async def test_answer_is_committed_before_it_is_returned(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    said = f"hello {uuid4()}"

    response = await say(stack.urls.gateway, alice, said)

    found = answer(response)
    (row,) = await database.rows(
        "SELECT state, answer, lease_expires_at FROM chat.turn WHERE id = $1",
        UUID(found["turn_id"]),
    )
    assert (row["state"], row["answer"].encode()) == ("completed", response.body)
    stored = await database.rows(
        "SELECT role, content FROM chat.message WHERE user_id = $1 AND id = $2",
        alice.user_id,
        UUID(found["message_id"]),
    )
    assert stored == [{"role": "assistant", "content": found["response"]}]


async def test_no_connection_is_held_while_the_model_thinks(
    stack: Stack, simulator: Simulator, new_user: NewUser, database: DatabaseView
) -> None:
    """More turns than connections wait for the model at once, and all of them come to an end."""
    marker = str(uuid4())
    people = await asyncio.gather(*(new_user() for _ in range(MORE_THAN_A_POOL)))
    for _ in people:
        await simulator.hang(marker)
    turns = [
        asyncio.create_task(say(stack.urls.gateway, person, f"hello {marker}")) for person in people
    ]
    await simulator.wait_until_held(marker, held=MORE_THAN_A_POOL)

    busy = await database.rows(
        "SELECT state, query FROM pg_stat_activity WHERE usename = 'chat_gateway'"
        " AND state <> 'idle' AND query !~ 'lease'"
    )
    assert busy == []

    await simulator.release(marker)
    for turn in turns:
        answer(await turn)
