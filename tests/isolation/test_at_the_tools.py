"""A stranger with a good token at mcp-tools: other people's ids, tasks, cursors and keys."""

import json
from uuid import UUID, uuid4

import pytest
from devstack.stack import Stack

from tests.equipment.chat import User
from tests.equipment.database import DatabaseView
from tests.equipment.tools import (
    CONVERSATION_ID,
    call_tool,
    gateway_of,
    idempotency_key,
)
from tests.isolation.conftest import Treasure

TOOLS = {
    "add_task": {"title": "planted"},
    "list_tasks": {},
    "complete_task": {"task_id": "{task}"},
    "delete_task": {"task_id": "{task}"},
    "update_task": {"task_id": "{task}", "title": "stolen"},
}
ON_A_TASK = ("complete_task", "delete_task", "update_task")


def arguments(name: str, task_id: str, **more: object) -> dict[str, object]:
    """Right arguments of a tool, for a task."""
    given = TOOLS[name].items()
    return {key: str(value).replace("{task}", task_id) for key, value in given} | more


@pytest.mark.parametrize("name", TOOLS)
async def test_user_id_of_another_is_forbidden_and_recorded(
    stack: Stack, treasure: Treasure, stranger: User, database: DatabaseView, name: str
) -> None:
    before = await database.rows_of(treasure.owner.user_id)
    sent = arguments(name, treasure.task_id, user_id=str(treasure.owner.user_id))

    refused = await call_tool(stack.urls.tools, stranger.token, name, sent)

    assert refused.code == "forbidden"
    assert treasure.secret not in refused.text
    assert await database.rows_of(treasure.owner.user_id) == before
    rows = await database.rows(
        "SELECT name, error FROM tasks.tool_call WHERE user_id = $1"
        " ORDER BY created_at DESC LIMIT 1",
        stranger.user_id,
    )
    assert [(row["name"], json.loads(row["error"])["code"]) for row in rows] == [
        (name, "forbidden")
    ]


@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize(
    "user_id",
    [
        "{VICTIM}",
        "{victim_hex}",
        "urn:uuid:{victim}",
        "{bob},{victim}",
        "{bob}' OR user_id = '{victim}",
        "*",
        "",
        None,
        7,
        ["{bob}", "{victim}"],
        {"$ne": "{bob}"},
    ],
    ids=str,
)
async def test_no_spelling_of_the_user_id_reaches_another(
    stack: Stack,
    treasure: Treasure,
    stranger: User,
    database: DatabaseView,
    name: str,
    user_id: object,
) -> None:
    before = await database.rows_of(treasure.owner.user_id)
    spelled = filled(user_id, treasure.owner.user_id, stranger.user_id)

    refused = await call_tool(
        stack.urls.tools,
        stranger.token,
        name,
        arguments(name, treasure.task_id, user_id=spelled),
    )

    assert refused.code in {"forbidden", "invalid_arguments"}
    assert treasure.secret not in refused.text
    assert await database.rows_of(treasure.owner.user_id) == before
    assert (await database.rows_of(stranger.user_id)).get("tasks.task") is None


@pytest.mark.parametrize("name", TOOLS)
async def test_user_id_cannot_be_left_out(
    stack: Stack, treasure: Treasure, stranger: User, name: str
) -> None:
    refused = await call_tool(
        stack.urls.tools, stranger.token, name, arguments(name, treasure.task_id)
    )

    assert refused.code == "invalid_arguments"


@pytest.mark.parametrize("name", ON_A_TASK)
async def test_task_of_another_looks_like_none(
    stack: Stack, treasure: Treasure, stranger: User, database: DatabaseView, name: str
) -> None:
    before = await database.rows("SELECT * FROM tasks.task WHERE id = $1", UUID(treasure.task_id))
    me = str(stranger.user_id)

    strangers = await call_tool(
        stack.urls.tools, stranger.token, name, arguments(name, treasure.task_id, user_id=me)
    )
    nobody = str(uuid4())
    nobodys = await call_tool(
        stack.urls.tools, stranger.token, name, arguments(name, nobody, user_id=me)
    )

    assert strangers.code == nobodys.code == "not_found"
    assert strangers.text.replace(treasure.task_id, nobody) == nobodys.text
    assert before == await database.rows(
        "SELECT * FROM tasks.task WHERE id = $1", UUID(treasure.task_id)
    )


async def test_list_shows_ones_own_tasks_only(stack: Stack, treasure: Treasure, bob: User) -> None:
    me = str(bob.user_id)
    await call_tool(stack.urls.tools, bob.token, "add_task", {"user_id": me, "title": "mine"})

    listed = await call_tool(
        stack.urls.tools, bob.token, "list_tasks", {"user_id": me, "limit": 100}
    )

    assert [task["title"] for task in listed.content["tasks"]] == ["mine"]


async def test_cursor_of_another_shows_nothing_of_his(
    stack: Stack, treasure: Treasure, stranger: User
) -> None:
    """A cursor says where to go on, never whose list it is."""
    owner, url = treasure.owner, stack.urls.tools
    for number in range(2):
        await call_tool(
            url,
            owner.token,
            "add_task",
            {"user_id": str(owner.user_id), "title": f"{treasure.secret} {number}"},
        )
    page = await call_tool(
        url, owner.token, "list_tasks", {"user_id": str(owner.user_id), "limit": 1}
    )
    cursor = page.content["next_cursor"]
    assert cursor

    listed = await call_tool(
        url, stranger.token, "list_tasks", {"user_id": str(stranger.user_id), "cursor": cursor}
    )

    assert listed.is_error or listed.content["tasks"] == []
    assert treasure.secret not in listed.text


async def test_recorded_call_of_another_is_not_replayed(
    stack: Stack, treasure: Treasure, bob: User, database: DatabaseView
) -> None:
    """Bob sends the idempotency key of Alice's call, word for word."""
    before = await database.rows_of(treasure.owner.user_id)
    sent = {
        "user_id": str(bob.user_id),
        "title": treasure.secret,
        "description": treasure.secret,
    }

    added = await call_tool(
        stack.urls.tools,
        bob.token,
        "add_task",
        sent,
        meta=idempotency_key(UUID(treasure.turn_id), 0),
        gateway=gateway_of(stack),
    )

    assert added.content["task"]["id"] != treasure.task_id
    assert added.meta["taskchat/tool-call"]["replayed"] is False
    assert await database.rows_of(treasure.owner.user_id) == before
    assert await database.rows_of(bob.user_id) == {"tasks.task": 1, "tasks.tool_call": 1}


async def test_conversation_of_another_in_meta_gives_no_access_to_it(
    stack: Stack, treasure: Treasure, stranger: User, database: DatabaseView
) -> None:
    before = await database.rows_of(treasure.owner.user_id)

    listed = await call_tool(
        stack.urls.tools,
        stranger.token,
        "list_tasks",
        {"user_id": str(stranger.user_id)},
        meta={CONVERSATION_ID: treasure.conversation_id},
        gateway=gateway_of(stack),
    )

    assert treasure.secret not in listed.text
    assert await database.rows_of(treasure.owner.user_id) == before


@pytest.mark.parametrize(
    "more",
    [
        {"owner": "{victim}"},
        {"where": "user_id = '{victim}'"},
        {"userId": "{victim}"},
        {"user_ids": ["{victim}"]},
    ],
    ids=lambda more: next(iter(more)),
)
async def test_argument_that_no_tool_has_is_refused(
    stack: Stack, treasure: Treasure, stranger: User, more: dict[str, object]
) -> None:
    extra = {
        key: filled(value, treasure.owner.user_id, stranger.user_id) for key, value in more.items()
    }

    refused = await call_tool(
        stack.urls.tools, stranger.token, "list_tasks", {"user_id": str(stranger.user_id), **extra}
    )

    assert refused.code == "invalid_arguments"
    assert str(treasure.owner.user_id) not in refused.text


def filled(value: object, victim: UUID, bob: UUID) -> object:
    """A value with the two people's ids put in."""
    if isinstance(value, list):
        return [filled(one, victim, bob) for one in value]
    if isinstance(value, dict):
        return {key: filled(one, victim, bob) for key, one in value.items()}
    if not isinstance(value, str):
        return value
    return (
        value.replace("{VICTIM}", str(victim).upper())
        .replace("{victim_hex}", victim.hex)
        .replace("{victim}", str(victim))
        .replace("{bob}", str(bob))
    )
