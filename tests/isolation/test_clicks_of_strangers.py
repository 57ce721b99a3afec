"""A stranger who clicks: other people's tasks, conversations, turns and keys."""

import json
from uuid import uuid4

import pytest
from devstack.stack import Stack

from tests.equipment.actions import act, called
from tests.equipment.chat import User, refusal
from tests.equipment.database import DatabaseView
from tests.isolation.conftest import Treasure

UNSAID = frozenset({"instance", "trace_id"})


@pytest.mark.parametrize(
    "action", ["tasks.complete", "tasks.reopen", "tasks.update", "tasks.delete"]
)
async def test_task_of_another_looks_like_none(
    stack: Stack, treasure: Treasure, bob: User, database: DatabaseView, action: str
) -> None:
    before = await database.rows(
        "SELECT * FROM tasks.task WHERE user_id = $1", treasure.owner.user_id
    )
    more = {"title": "mine"} if action == "tasks.update" else {}

    told = []
    for task_id in (treasure.task_id, str(uuid4())):
        payload = {"task_id": task_id, **more}
        told.append(called(await act(stack.urls.gateway, bob, action, payload)))

    assert [one["output"] for one in told] == [None, None]
    assert told[0]["error"]["code"] == "not_found"
    assert told[0]["error"] == told[1]["error"]
    assert before == await database.rows(
        "SELECT * FROM tasks.task WHERE user_id = $1", treasure.owner.user_id
    )


async def test_list_is_ones_own(stack: Stack, treasure: Treasure, bob: User) -> None:
    told = called(await act(stack.urls.gateway, bob, "tasks.list"))
    assert (told["output"]["tasks"], told["output"]["total"]) == ([], 0)


@pytest.mark.parametrize("action", ["tasks.list", "turn.stop"])
async def test_thread_of_another_looks_like_none(
    stack: Stack, treasure: Treasure, stranger: User, database: DatabaseView, action: str
) -> None:
    before = await database.rows_of(treasure.owner.user_id)
    payload = {"turn_id": treasure.turn_id} if action == "turn.stop" else {}

    refusals = [
        refusal(
            await act(stack.urls.gateway, stranger, action, payload, thread=thread),
            404,
            "conversation_not_found",
        )
        for thread in (treasure.conversation_id, str(uuid4()))
    ]

    seen = [{name: one[name] for name in one.keys() - UNSAID} for one in refusals]
    assert seen[0] == seen[1]
    assert treasure.conversation_id not in json.dumps(seen)
    assert await database.rows_of(treasure.owner.user_id) == before
    assert await database.rows_of(stranger.user_id) == {}


async def test_path_of_another_is_refused(
    stack: Stack, treasure: Treasure, stranger: User, database: DatabaseView
) -> None:
    before = await database.rows_of(treasure.owner.user_id)
    thief = User(treasure.owner.user_id, stranger.token)

    refusal(await act(stack.urls.gateway, thief, "tasks.list"), 403, "wrong_user")

    assert await database.rows_of(treasure.owner.user_id) == before


async def test_key_of_another_is_ones_own(stack: Stack, treasure: Treasure, bob: User) -> None:
    response = await act(stack.urls.gateway, bob, "tasks.add", {"title": "mine"}, key=treasure.key)
    assert called(response)["output"]["task"]["title"] == "mine"
    assert response.header("idempotency-replayed") is None
