"""A stranger among the threads: every request that names one, or an item of one."""

import json
from uuid import uuid4

import pytest
from devstack.stack import Stack

from tests.conftest import NewUser
from tests.equipment.chat import User, answer, ask, refusal, say
from tests.equipment.database import DatabaseView
from tests.isolation.conftest import Treasure

NAMING: dict[str, dict[str, object]] = {
    "threads.get_by_id": {},
    "threads.update": {"title": "Stolen"},
    "threads.delete": {},
    "items.list": {},
    "items.list after": {"after": "{message}"},
    "items.feedback": {"item_ids": ["{message}"], "kind": "negative"},
    "threads.list": {"after": "{thread}"},
}
"""Requests that name a thread, with their other params."""


def filled(params: dict[str, object], treasure: Treasure) -> dict[str, object]:
    text = json.dumps(params).replace("{message}", treasure.message_id)
    found: dict[str, object] = json.loads(text.replace("{thread}", treasure.conversation_id))
    return found


def alike(problem: dict[str, object]) -> dict[str, object]:
    return {name: one for name, one in problem.items() if name not in {"instance", "trace_id"}}


@pytest.mark.parametrize("kind", NAMING)
async def test_thread_of_another_looks_like_none(
    stack: Stack, treasure: Treasure, stranger: User, database: DatabaseView, kind: str
) -> None:
    before = await everything(database, treasure)
    type_, params = kind.split()[0], filled(NAMING[kind], treasure)

    async def refused(thread_id: str) -> dict[str, object]:
        sent = json.loads(json.dumps(params).replace(treasure.conversation_id, thread_id))
        if type_ != "threads.list":
            sent["thread_id"] = thread_id
        response = await ask(stack.urls.gateway, stranger, type_, **sent)
        return alike(refusal(response, 404, "conversation_not_found"))

    theirs = await refused(treasure.conversation_id)

    assert theirs == await refused(str(uuid4())) == await refused("no id at all")
    assert treasure.conversation_id not in json.dumps(theirs)
    assert await everything(database, treasure) == before
    assert await database.rows_of(stranger.user_id) == {}


async def test_list_holds_nothing_of_another(stack: Stack, treasure: Treasure, bob: User) -> None:
    mine = answer(await say(stack.urls.gateway, bob, "hello"))["conversation_id"]
    for params in (
        {},
        {"order": "asc"},
        {"limit": 100},
        {"after": f"{treasure.conversation_id}.0"},
    ):
        response = await ask(stack.urls.gateway, bob, "threads.list", **params)

        assert treasure.secret.encode() not in response.body
        assert {one["id"] for one in answer(response)["data"]} <= {mine}


@pytest.mark.parametrize("kind", ["items.list", "items.feedback"])
@pytest.mark.parametrize("item", ["message_id", "turn_id", "conversation_id"])
async def test_item_of_another_is_none_of_ones_own_thread(
    stack: Stack,
    treasure: Treasure,
    bob: User,
    database: DatabaseView,
    kind: str,
    item: str,
) -> None:
    mine = answer(await say(stack.urls.gateway, bob, "hello"))["conversation_id"]
    before = await everything(database, treasure)
    named = getattr(treasure, item)
    params = {"after": named} if kind == "items.list" else {"item_ids": [named], "kind": "negative"}

    response = await ask(stack.urls.gateway, bob, kind, thread_id=mine, **params)

    refusal(response, 422, "invalid_request")
    assert treasure.secret.encode() not in response.body
    assert await everything(database, treasure) == before
    assert "chat.feedback" not in await database.rows_of(bob.user_id)


async def test_deleting_ones_own_touches_no_row_of_another(
    stack: Stack, treasure: Treasure, bob: User, database: DatabaseView
) -> None:
    mine = answer(await say(stack.urls.gateway, bob, "add a task to buy milk"))["conversation_id"]
    before = await everything(database, treasure)

    assert answer(await ask(stack.urls.gateway, bob, "threads.delete", thread_id=mine)) == {}

    assert await everything(database, treasure) == before
    # What was done stays done, and on record; what was used stays counted.
    assert await database.rows_of(bob.user_id) == {
        "chat.daily_use": 1,
        "tasks.task": 1,
        "tasks.tool_call": 1,
    }


async def test_owner_is_served_on_all_these_ways(
    stack: Stack, new_user: NewUser, database: DatabaseView
) -> None:
    """What the stranger was refused was another's, not broken."""
    owner = await new_user()
    said = answer(await say(stack.urls.gateway, owner, "add a task to buy milk"))
    named: dict[str, object] = {"thread_id": said["conversation_id"]}

    async def asked(type_: str, **params: object) -> dict[str, object]:
        return answer(await ask(stack.urls.gateway, owner, type_, **params))

    opened = await asked("threads.get_by_id", **named)
    assert json.dumps(said["response"]) in json.dumps(opened)
    await asked("items.list", **named, after=said["message_id"])
    await asked("items.feedback", **named, item_ids=[said["turn_id"]], kind="negative")
    assert (await asked("threads.update", **named, title="Mine"))["title"] == "Mine"
    await asked("threads.list", after=said["conversation_id"])
    assert (await database.rows_of(owner.user_id))["chat.feedback"] == 1
    assert await asked("threads.delete", **named) == {}


async def everything(database: DatabaseView, treasure: Treasure) -> list[str]:
    """All of the owner's conversations, word for word."""
    tables = ("conversation", "message", "turn", "feedback")
    return [
        str(
            await database.rows(
                f"SELECT * FROM chat.{table} WHERE user_id = $1 ORDER BY 1, 2, 3",
                treasure.owner.user_id,
            )
        )
        for table in tables
    ]
