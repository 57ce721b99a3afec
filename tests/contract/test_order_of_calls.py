"""What the database holds is what the model asked for, in the model's order."""

import json
from typing import Any
from uuid import UUID, uuid4

from devstack.stack import Stack

from tests.conftest import NewUser
from tests.equipment.chat import User, answer, say
from tests.equipment.database import DatabaseView
from tests.equipment.simulator import Simulator, calls, text

TURNS = 25
"""Five adds at once kept their order in 3 of 25."""
NUMBERS = ("one", "two", "three", "four", "five")


async def tell(
    stack: Stack, simulator: Simulator, user: User, *asked: tuple[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Let the model answer with these calls. Returns: `tool_calls` of the turn."""
    said = f"do it {uuid4()}"
    await simulator.script(said, calls(*asked), text("Done."))
    found: list[dict[str, Any]] = answer(await say(stack.urls.gateway, user, said))["tool_calls"]
    return found


async def titles(database: DatabaseView, user_id: UUID) -> list[str]:
    """A person's tasks in the order of their times, oldest first."""
    query = "SELECT title FROM tasks.task WHERE user_id = $1 ORDER BY created_at, id"
    return [row["title"] for row in await database.rows(query, user_id)]


async def test_five_adds_keep_their_order(
    stack: Stack, simulator: Simulator, database: DatabaseView, new_user: NewUser
) -> None:
    user = await new_user()
    for turn in range(TURNS):
        wanted = [f"{number} {turn}" for number in NUMBERS]
        *added, listed = await tell(
            stack,
            simulator,
            user,
            *(("add_task", {"title": title}) for title in wanted),
            ("list_tasks", {"limit": 5}),
        )

        assert [call["arguments"]["title"] for call in added] == wanted
        assert [task["title"] for task in listed["output"]["tasks"]] == wanted[::-1]
        assert (await titles(database, user.user_id))[-5:] == wanted


async def test_of_two_renames_the_second_stays_and_what_was_completed_can_be_deleted(
    stack: Stack, simulator: Simulator, database: DatabaseView, new_user: NewUser
) -> None:
    user = await new_user()
    for _ in range(TURNS):
        added = await tell(stack, simulator, user, ("add_task", {"title": "a wish"}))
        task_id = added[0]["output"]["task"]["id"]

        renamed = await tell(
            stack,
            simulator,
            user,
            ("update_task", {"task_id": task_id, "title": "first wish"}),
            ("update_task", {"task_id": task_id, "title": "second wish"}),
        )
        assert [call["status"] for call in renamed] == ["ok", "ok"]
        assert await titles(database, user.user_id) == ["second wish"]

        gone = await tell(
            stack,
            simulator,
            user,
            ("complete_task", {"task_id": task_id}),
            ("delete_task", {"task_id": task_id}),
            ("complete_task", {"task_id": task_id}),
        )
        assert [call["status"] for call in gone] == ["ok", "ok", "error"], json.dumps(gone)
        assert await titles(database, user.user_id) == []
