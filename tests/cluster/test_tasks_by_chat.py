"""Everything that a person does with tasks, said in words, through the edge."""

from typing import Any

import pytest
from devstack.people import Person

from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.turns import send_turn
from tests.equipment.database import DatabaseView

Task = tuple[str, bool]
"""Title, completed."""

STEPS: tuple[tuple[str, list[str], set[Task]], ...] = (
    (
        "add a task to water the plants",
        ["add_task"],
        {("water the plants", False)},
    ),
    (
        "add a task to buy milk",
        ["add_task"],
        {("water the plants", False), ("buy milk", False)},
    ),
    (
        "show my tasks",
        ["list_tasks"],
        {("water the plants", False), ("buy milk", False)},
    ),
    (
        "mark water the plants as done",
        ["list_tasks", "complete_task"],
        {("water the plants", True), ("buy milk", False)},
    ),
    (
        "rename buy milk to buy oat milk",
        ["list_tasks", "update_task"],
        {("water the plants", True), ("buy oat milk", False)},
    ),
    (
        "delete water the plants",
        ["list_tasks", "delete_task"],
        {("buy oat milk", False)},
    ),
)


async def tasks_of(database: DatabaseView, person: Person) -> set[Task]:
    rows = await database.rows(
        "SELECT title, completed FROM tasks.task WHERE user_id = $1", person.user_id
    )
    return {(row["title"], row["completed"]) for row in rows}


async def test_stranger_sees_and_changes_nothing_of_it(
    edge: Edge, person: Person, somebody: Person, database: DatabaseView
) -> None:
    added = (await send_turn(edge, person, "add a task to buy milk")).body()

    listed = (await send_turn(edge, somebody, "show my tasks")).body()
    refused = await send_turn(
        edge, somebody, "delete buy milk", conversation_id=added["conversation_id"]
    )

    assert "buy milk" not in listed["response"]
    assert listed["tool_calls"][0]["output"]["tasks"] == []
    (attempt,) = refused.attempts
    assert (attempt.status, attempt.reason) == (404, "conversation_not_found")
    assert await tasks_of(database, person) == {("buy milk", False)}


async def test_tasks_are_added_listed_completed_renamed_and_deleted(
    edge: Edge, publicly_signed_up: Person, database: DatabaseView
) -> None:
    conversation_id: str | None = None
    told: dict[str, list[dict[str, Any]]] = {}
    for message, calls, tasks in STEPS:
        body = (
            await send_turn(edge, publicly_signed_up, message, conversation_id=conversation_id)
        ).body()
        conversation_id = body["conversation_id"]

        assert [call["name"] for call in body["tool_calls"]] == calls, body
        assert {call["status"] for call in body["tool_calls"]} == {"ok"}, body
        assert await tasks_of(database, publicly_signed_up) == tasks, (
            f"after “{message}”: {body['response']}"
        )
        told[message] = body["tool_calls"]

    (shown,) = told["show my tasks"]
    titles = [task["title"] for task in shown["output"]["tasks"]]
    assert titles == ["buy milk", "water the plants"], "newest first"
    recorded = await database.rows(
        "SELECT id::text FROM tasks.tool_call WHERE user_id = $1 ORDER BY created_at, id",
        publicly_signed_up.user_id,
    )
    assert [row["id"] for row in recorded] == [
        call["id"] for calls in told.values() for call in calls
    ]


@pytest.mark.parametrize("message", ["hello", "thank you"])
async def test_small_talk_calls_no_tool(
    edge: Edge, somebody: Person, database: DatabaseView, message: str
) -> None:
    """The twin of the test above: it fails if the tools were called whatever is said."""
    body = (await send_turn(edge, somebody, message)).body()
    assert body["tool_calls"] == []
