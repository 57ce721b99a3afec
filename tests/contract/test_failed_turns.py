"""Turns that fail after their tools have run: what the person is told, and what the model is later.

A model that does whatever looks undone would add milk again with every later message, if nothing
told it what became of the earlier ones.
"""

from typing import Any
from uuid import uuid4

import pytest
from devstack.stack import Stack

from tests.equipment.chat import User, answer, refusal, say
from tests.equipment.database import DatabaseView
from tests.equipment.simulator import Simulator, calls, text

MANY = 100
"""More often than a turn asks all its models."""

ENDINGS: dict[str, tuple[dict[str, Any], int, str]] = {
    "out of order": ({"kind": "status", "status": 503, "count": MANY}, 503, "model_unavailable"),
    "our request refused": ({"kind": "status", "status": 400, "count": 1}, 502, "model_error"),
    "nothing said, twice": (
        {"kind": "script", "responses": [text(" "), text(" ")], "count": 2},
        502,
        "model_error",
    ),
}


async def fail_after_adding(
    stack: Stack, simulator: Simulator, user: User, ending: str, *, key: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Add milk and fail then. Returns: what was said, and the problem."""
    said = f"please add it {uuid4()}"
    fault, status, code = ENDINGS[ending]
    ordered = await simulator.order({**fault, "match": said, "step": 1})
    await simulator.script(said, calls(("add_task", {"title": "milk"})))
    failed = refusal(await say(stack.urls.gateway, user, said, key=key), status, code)
    await simulator.take_back(ordered)
    return said, failed


@pytest.mark.parametrize("ending", ENDINGS)
async def test_the_problem_says_what_was_done_and_the_next_turn_is_told_of_it(
    stack: Stack, simulator: Simulator, alice: User, database: DatabaseView, ending: str
) -> None:
    said, failed = await fail_after_adding(stack, simulator, alice, ending)

    assert "1 change was made before that: add task." in failed["detail"]
    assert "Look at your tasks before you ask again" in failed["detail"]
    (call,) = failed["tool_calls"]
    assert (call["name"], call["status"]) == ("add_task", "ok")
    stored = await database.rows(
        "SELECT id::text AS turn_id, conversation_id::text FROM chat.turn WHERE user_id = $1",
        alice.user_id,
    )
    assert stored == [{name: failed[name] for name in ("turn_id", "conversation_id")}]

    then = f"thanks {uuid4()}"
    await simulator.script(then, text("You are welcome."))
    opened = failed["conversation_id"]
    answer(await say(stack.urls.gateway, alice, then, conversation_id=opened))

    ((*_, question, line, last),) = [one["messages"] for one in await simulator.asked(then)]
    assert (question["role"], question["content"]) == ("user", said)
    assert line["role"] == "assistant"
    task_id = call["output"]["task"]["id"]
    assert f'Done before that: add_task "milk" id={task_id}.' in line["content"]
    assert "not pending" in line["content"]
    assert last["content"] == then


async def test_with_a_key_the_same_request_goes_on(
    stack: Stack, simulator: Simulator, alice: User, database: DatabaseView
) -> None:
    key = str(uuid4())
    said, failed = await fail_after_adding(stack, simulator, alice, "out of order", key=key)
    assert "with the same Idempotency-Key to go on from there." in failed["detail"]
    await simulator.script(said, text("Milk it is."))

    resumed = answer(await say(stack.urls.gateway, alice, said, key=key))

    assert resumed["turn_id"] == failed["turn_id"]
    assert resumed["tool_calls"] == failed["tool_calls"]
    assert (await database.rows_of(alice.user_id))["tasks.task"] == 1


async def test_what_earlier_turns_did_is_told_to_the_model_and_not_to_the_person(
    stack: Stack, simulator: Simulator, alice: User
) -> None:
    said, then = f"one {uuid4()}", f"two {uuid4()}"
    await simulator.script(
        said, calls(("add_task", {"title": "eggs"}), ("list_tasks", {})), text("Added.")
    )
    first = answer(await say(stack.urls.gateway, alice, said))
    task_id = first["tool_calls"][0]["output"]["task"]["id"]
    await simulator.script(then, text(f'Hm.\n\n[done: add_task "eggs" id={task_id}]'))

    second = answer(
        await say(stack.urls.gateway, alice, then, conversation_id=first["conversation_id"])
    )

    assert (first["response"], second["response"]) == ("Added.", "Hm.")
    ((*_, reply, _),) = [one["messages"] for one in await simulator.asked(then)]
    assert reply == {
        "role": "assistant",
        "content": f'Added.\n\n[done: add_task "eggs" id={task_id}]',
    }


@pytest.mark.parametrize("added_before", [False, True], ids=["nothing done", "milk added"])
async def test_a_message_that_a_filter_refuses_does_not_shut_its_conversation(
    stack: Stack, simulator: Simulator, alice: User, added_before: bool
) -> None:
    """The filter reads all messages, as Gemini's does."""
    word = f"forbidden{uuid4().hex}"
    blocked = {"kind": "finish_reason", "reason": "content_filter: PROHIBITED_CONTENT"}
    ordered = await simulator.order(
        {**blocked, "anywhere": word, "step": 1 if added_before else 0, "count": MANY}
    )
    said = f"please add it {word}"
    await simulator.script(said, calls(("add_task", {"title": f"milk {word}"})))
    failed = refusal(await say(stack.urls.gateway, alice, said), 502, "model_error")
    assert failed["detail"].endswith("in other words.")
    assert len(failed["tool_calls"]) == (1 if added_before else 0)
    await simulator.take_back(ordered)
    ordered = await simulator.order({**blocked, "anywhere": word, "count": MANY})

    for message in ("show my tasks", "hello?", "thanks"):
        then = f"{message} {uuid4()}"
        await simulator.script(then, text("Yes."))
        found = await say(
            stack.urls.gateway, alice, then, conversation_id=failed["conversation_id"]
        )
        answer(found)
        (asked,) = await simulator.asked(then)
        assert word not in str(asked["messages"])
        assert ("No answer was given" in str(asked["messages"])) is added_before
    await simulator.take_back(ordered)
