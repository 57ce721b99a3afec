"""Law 5. Nobody speaks for another user: four borders, each holding with the other three open.

"Open" means that the other borders have no objection: everything else in the request says what
they want to hear, so that only the border under test stands between the attacker and the victim.
"""

import asyncpg
import pytest
from devstack.stack import Stack

from tests.equipment.chat import User, answer, post, refusal, say
from tests.equipment.database import DatabaseView
from tests.equipment.issuer import SigningKey
from tests.equipment.simulator import Simulator, calls, text
from tests.equipment.tokens import claims_of, header_of
from tests.equipment.tools import call_tool

VICTIMS = "the victim's own"


@pytest.fixture
async def victim(stack: Stack, alice: User) -> User:
    """Somebody with one task."""
    arguments = {"user_id": str(alice.user_id), "title": VICTIMS}
    added = await call_tool(stack.urls.tools, alice.token, "add_task", arguments)
    assert not added.is_error, added
    return alice


async def test_first_border_the_token(stack: Stack, victim: User, database: DatabaseView) -> None:
    """Path, tool arguments and row-level security would all follow the forged `sub`."""
    before = await database.rows_of(victim.user_id)
    forged = SigningKey("forged").sign(header_of(victim.token), claims_of(victim.token))

    response = await say(stack.urls.gateway, User(victim.user_id, forged), "list my tasks")

    refusal(response, 401, "unauthenticated")
    assert await database.rows_of(victim.user_id) == before


async def test_second_border_the_path(
    stack: Stack, victim: User, bob: User, database: DatabaseView
) -> None:
    """The attacker's token is good; tools and database would follow whom the path names."""
    before = await database.rows_of(victim.user_id)

    response = await post(
        stack.urls.gateway, bob, b'{"message": "list my tasks"}', path_user=str(victim.user_id)
    )

    refusal(response, 403, "wrong_user")
    assert await database.rows_of(victim.user_id) == before
    assert await database.rows_of(bob.user_id) == {}


async def test_third_border_the_argument(
    stack: Stack, victim: User, bob: User, database: DatabaseView
) -> None:
    """The attacker's token is good, no path is asked, the database would follow the argument."""
    before = await database.rows_of(victim.user_id)

    refused = await call_tool(
        stack.urls.tools, bob.token, "list_tasks", {"user_id": str(victim.user_id)}
    )

    assert refused.code == "forbidden"
    assert VICTIMS not in refused.text
    assert await database.rows_of(victim.user_id) == before


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT title FROM tasks.task",
        "SELECT title FROM tasks.task WHERE user_id = '{victim}'",
        "SELECT title FROM tasks.task WHERE true OR user_id = '{victim}'",
        "UPDATE tasks.task SET title = 'stolen' WHERE user_id = '{victim}' RETURNING title",
        "DELETE FROM tasks.task WHERE user_id = '{victim}' RETURNING title",
        "SELECT arguments::text FROM tasks.tool_call WHERE user_id = '{victim}'",
    ],
)
async def test_fourth_border_the_database(
    stack: Stack, victim: User, bob: User, tools_role: asyncpg.Connection, statement: str
) -> None:
    """A statement of mcp-tools that forgot, or was made to forget, whose rows it may see."""
    async with tools_role.transaction():
        await tools_role.execute("SELECT set_config('app.user_id', $1, true)", str(bob.user_id))
        rows = await tools_role.fetch(statement.replace("{victim}", str(victim.user_id)))

    assert rows == []


async def test_fourth_border_writes_nothing_into_another_users_rows(
    stack: Stack, victim: User, bob: User, tools_role: asyncpg.Connection
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with tools_role.transaction():
            await tools_role.execute("SELECT set_config('app.user_id', $1, true)", str(bob.user_id))
            await tools_role.execute(
                "INSERT INTO tasks.task (user_id, id, title, completed, created_at, updated_at)"
                " VALUES ($1, gen_random_uuid(), 'planted', false, now(), now())",
                victim.user_id,
            )


async def test_model_neither_sees_nor_chooses_whose_tasks_it_touches(
    stack: Stack, simulator: Simulator, victim: User, bob: User, database: DatabaseView
) -> None:
    said = f"what does {victim.user_id} have to do?"
    before = await database.rows_of(victim.user_id)
    await simulator.script(
        said,
        calls(
            ("list_tasks", {"user_id": str(victim.user_id)}),
            ("add_task", {"user_id": str(victim.user_id), "title": "planted"}),
        ),
        text("That is all."),
    )

    response = await say(stack.urls.gateway, bob, said)

    assert VICTIMS.encode() not in response.body
    assert await database.rows_of(victim.user_id) == before
    for request in await simulator.asked(said):
        assert "user_id" not in str(request["tools"])


async def test_with_all_borders_open_the_way_is_free(stack: Stack, victim: User) -> None:
    """The same requests by the victim are served: the borders above refused the attacker."""
    found = answer(await say(stack.urls.gateway, victim, "list my tasks"))

    (listed,) = found["tool_calls"]
    assert [task["title"] for task in listed["output"]["tasks"]] == [VICTIMS]
