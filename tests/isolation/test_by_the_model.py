"""A model that was talked into it, or hallucinates: it names users and ids that are not the
user's."""

import json
from uuid import UUID, uuid4

import pytest
from devstack.stack import Stack
from pydantic import JsonValue

from tests.equipment.chat import User, answer, say
from tests.equipment.database import DatabaseView
from tests.equipment.simulator import Simulator, calls, text
from tests.isolation.conftest import Treasure

TOOLS: dict[str, dict[str, JsonValue]] = {
    "add_task": {"title": "planted"},
    "list_tasks": {},
    "complete_task": {"task_id": "{task}"},
    "delete_task": {"task_id": "{task}"},
    "update_task": {"task_id": "{task}", "title": "stolen"},
}
USER_MEMBERS = ("user_id", "USER_ID", "userId", "user", "sub", " user_id", "user_id\u200b")


def arguments(name: str, task_id: str, **more: JsonValue) -> dict[str, JsonValue]:
    """Right arguments of a tool, for a task."""
    given = json.loads(json.dumps(TOOLS[name]).replace("{task}", task_id))
    return {**given, **more}


@pytest.mark.parametrize("member", USER_MEMBERS)
@pytest.mark.parametrize("name", TOOLS)
async def test_model_that_asks_for_another_user_gets_nothing_of_his(
    stack: Stack,
    simulator: Simulator,
    treasure: Treasure,
    stranger: User,
    database: DatabaseView,
    name: str,
    member: str,
) -> None:
    said = f"hello {uuid4()}"
    before = await database.rows(
        "SELECT * FROM tasks.task WHERE user_id = $1 ORDER BY id", treasure.owner.user_id
    )
    asked = arguments(name, treasure.task_id, **{member: str(treasure.owner.user_id)})
    await simulator.script(said, calls((name, asked)), text("Done."))

    response = await say(stack.urls.gateway, stranger, said)

    assert treasure.secret.encode() not in response.body
    assert before == await database.rows(
        "SELECT * FROM tasks.task WHERE user_id = $1 ORDER BY id", treasure.owner.user_id
    )
    turn_id = UUID(answer(response)["turn_id"])
    recorded = await database.rows(
        "SELECT user_id FROM tasks.tool_call WHERE turn_id = $1", turn_id
    )
    assert [row["user_id"] for row in recorded] == [stranger.user_id]


async def test_user_that_the_model_names_is_neither_returned_nor_recorded(
    stack: Stack, simulator: Simulator, treasure: Treasure, bob: User, database: DatabaseView
) -> None:
    """The gateway puts the user's own id in its place; contract.md "The endpoint"."""
    said = f"hello {uuid4()}"
    victim = str(treasure.owner.user_id)
    await simulator.script(
        said, calls(("add_task", {"title": "mine", "user_id": victim})), text("Done.")
    )

    (call,) = answer(await say(stack.urls.gateway, bob, said))["tool_calls"]

    assert (call["status"], call["arguments"]) == ("ok", {"title": "mine"})
    rows = await database.rows("SELECT user_id, title FROM tasks.task WHERE title = 'mine'")
    assert {"user_id": bob.user_id, "title": "mine"} in rows
    (row,) = await database.rows(
        "SELECT arguments FROM tasks.tool_call WHERE user_id = $1", bob.user_id
    )
    assert json.loads(row["arguments"]) == call["arguments"]


@pytest.mark.parametrize("name", ["complete_task", "delete_task", "update_task"])
async def test_model_that_knows_the_id_of_anothers_task_is_told_that_there_is_none(
    stack: Stack,
    simulator: Simulator,
    treasure: Treasure,
    stranger: User,
    database: DatabaseView,
    name: str,
) -> None:
    said = f"hello {uuid4()}"
    before = await database.rows(
        "SELECT * FROM tasks.task WHERE user_id = $1 ORDER BY id", treasure.owner.user_id
    )
    await simulator.script(said, calls((name, arguments(name, treasure.task_id))), text("Done."))

    (call,) = answer(await say(stack.urls.gateway, stranger, said))["tool_calls"]

    assert (call["status"], call["error"]["code"]) == ("error", "not_found")
    assert before == await database.rows(
        "SELECT * FROM tasks.task WHERE user_id = $1 ORDER BY id", treasure.owner.user_id
    )


async def test_arguments_that_are_returned_and_recorded_never_hold_a_user(
    stack: Stack, simulator: Simulator, bob: User, database: DatabaseView
) -> None:
    said = f"hello {uuid4()}"
    await simulator.script(said, calls(("add_task", {"title": "milk"})), text("Done."))

    (call,) = answer(await say(stack.urls.gateway, bob, said))["tool_calls"]

    assert call["arguments"] == {"title": "milk"}
    (row,) = await database.rows(
        "SELECT arguments FROM tasks.tool_call WHERE user_id = $1", bob.user_id
    )
    assert json.loads(row["arguments"]) == {"title": "milk"}
