"""Law 8. Every tool call is recorded in the same transaction as its effect, and returned under
`tool_calls`."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from devstack.stack import Stack

from tests.equipment.chat import User, answer, say
from tests.equipment.database import DatabaseView
from tests.equipment.simulator import Simulator, calls, text
from tests.equipment.tools import call_tool

MANY = 60


@asynccontextmanager
async def refusing(database: DatabaseView, table: str, user: User) -> AsyncIterator[None]:
    """A database that lets this person's rows of one table in, and refuses them at the commit.

    A deferred constraint trigger fires when the transaction ends, so whatever is written before it
    in the same transaction has to go with it, and whatever is written in another one stays.
    """
    name = f"refuse_{user.user_id.hex}"
    await database.pool.execute(
        f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'refused by a test'; END $$;
        CREATE CONSTRAINT TRIGGER {name} AFTER INSERT ON {table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.user_id = '{user.user_id}') EXECUTE FUNCTION {name}();
        """
    )
    try:
        yield
    finally:
        await database.pool.execute(f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()")


async def test_effect_does_not_stay_without_its_row(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    arguments = {"user_id": str(alice.user_id), "title": "milk"}
    async with refusing(database, "tasks.tool_call", alice):
        failed = await call_tool(stack.urls.tools, alice.token, "add_task", arguments)

    assert failed.is_error
    assert "refused by a test" not in failed.text
    assert await database.rows_of(alice.user_id) == {}


async def test_row_that_says_ok_does_not_stay_without_its_effect(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    arguments = {"user_id": str(alice.user_id), "title": "milk"}
    async with refusing(database, "tasks.task", alice):
        failed = await call_tool(stack.urls.tools, alice.token, "add_task", arguments)

    assert failed.is_error
    recorded = await database.rows(
        "SELECT status FROM tasks.tool_call WHERE user_id = $1", alice.user_id
    )
    assert "ok" not in [row["status"] for row in recorded]
    assert "tasks.task" not in await database.rows_of(alice.user_id)


async def test_nobody_ever_sees_an_effect_without_its_row_or_a_row_without_its_effect(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    """One statement sees one moment: in each moment there are as many tasks as recorded calls."""
    arguments = {"user_id": str(alice.user_id), "title": "milk"}
    adding = asyncio.gather(
        *(call_tool(stack.urls.tools, alice.token, "add_task", arguments) for _ in range(MANY))
    )
    moments: set[tuple[int, int]] = set()
    while not adding.done():
        rows = await database.rows_of(alice.user_id)
        moments.add((rows.get("tasks.task", 0), rows.get("tasks.tool_call", 0)))
    await adding

    assert [moment for moment in moments if moment[0] != moment[1]] == []
    assert len(moments) > 1, "nothing was seen while the calls ran"
    assert await database.rows_of(alice.user_id) == {
        "tasks.task": MANY,
        "tasks.tool_call": MANY,
    }


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("add_task", {"title": ""}, "invalid_arguments"),
        ("add_task", {}, "invalid_arguments"),
        ("add_task", {"title": "x", "colour": "red"}, "invalid_arguments"),
        ("complete_task", {"task_id": "7"}, "invalid_arguments"),
        ("complete_task", {"task_id": str(uuid4())}, "not_found"),
        ("delete_task", {"task_id": str(uuid4())}, "not_found"),
        ("update_task", {"task_id": str(uuid4()), "title": "x"}, "not_found"),
        ("list_tasks", {"status": "lost"}, "invalid_arguments"),
    ],
)
async def test_failed_call_leaves_its_row_too(
    stack: Stack,
    alice: User,
    database: DatabaseView,
    name: str,
    arguments: dict[str, object],
    code: str,
) -> None:
    sent = {"user_id": str(alice.user_id), **arguments}

    failed = await call_tool(stack.urls.tools, alice.token, name, sent)

    assert failed.code == code
    (row,) = await database.rows(
        "SELECT name, status, arguments, output, error FROM tasks.tool_call WHERE user_id = $1",
        alice.user_id,
    )
    assert (row["name"], row["status"], row["output"]) == (name, "error", None)
    assert json.loads(row["error"])["code"] == code
    assert json.loads(row["arguments"]) == arguments


async def test_answer_returns_the_calls_as_they_are_recorded(
    stack: Stack, simulator: Simulator, alice: User, database: DatabaseView
) -> None:
    said = f"a few things {uuid4()}"
    await simulator.script(
        said,
        calls(("add_task", {"title": "milk"}), ("add_task", {"title": "bread"})),
        calls(("complete_task", {"task_id": str(uuid4())}), ("list_tasks", {"status": "all"})),
        text("There you are."),
    )

    found = answer(await say(stack.urls.gateway, alice, said))

    recorded = await database.rows(
        "SELECT id, name, arguments, status, output, error, duration_ms FROM tasks.tool_call"
        " WHERE user_id = $1 AND turn_id = $2 ORDER BY ordinal",
        alice.user_id,
        UUID(found["turn_id"]),
    )
    assert [call["name"] for call in found["tool_calls"]] == [
        "add_task",
        "add_task",
        "complete_task",
        "list_tasks",
    ]
    assert found["tool_calls"] == [
        {
            **row,
            "id": str(row["id"]),
            **{
                column: None if row[column] is None else json.loads(row[column])
                for column in ("arguments", "output", "error")
            },
        }
        for row in recorded
    ]
