"""A click asks no model, and keeps every law that a turn keeps.

1 it enters by the one endpoint · 3 a tool changes the task · 4 one of the five · 5 for the person
who clicks · 8 with its row. Law 2 is about what people say: nothing of it is read here.
"""

import json
from typing import Any
from uuid import uuid4

import pytest
from devstack.stack import Stack

from tests.equipment.actions import act, called
from tests.equipment.chat import User, answer, refusal, say
from tests.equipment.database import DatabaseView
from tests.equipment.simulator import Simulator, text

FIVE = {"add_task", "list_tasks", "complete_task", "delete_task", "update_task"}
RECORDED = """
    SELECT id::text, name, arguments::text, status, output::text, error::text
    FROM tasks.tool_call WHERE user_id = $1 ORDER BY created_at, id
"""


def as_told(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the audit in the words of a click's stream."""
    read = {name: row[name] and json.loads(row[name]) for name in ("arguments", "output", "error")}
    error = {"error": read["error"]} if read["error"] else {}
    return {
        "id": row["id"],
        "tool": row["name"],
        "arguments": read["arguments"],
        "output": read["output"],
        **error,
    }


async def test_each_action_is_one_audited_call_of_one_of_the_five(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    url = stack.urls.gateway
    told = [called(await act(url, alice, "tasks.add", {"title": "milk", "description": "two"}))]
    task = told[0]["output"]["task"]
    named = {"task_id": task["id"]}
    for action, payload in (
        ("tasks.list", {"status": "pending"}),
        ("tasks.complete", named),
        ("tasks.reopen", named),
        ("tasks.update", {**named, "title": "oat milk"}),
        ("tasks.update", {**named, "completed": True}),
        ("tasks.delete", named),
        ("tasks.delete", named),
        ("tasks.add", {"title": ""}),
    ):
        told.append(called(await act(url, alice, action, payload)))

    assert told == [as_told(row) for row in await database.rows(RECORDED, alice.user_id)]
    assert {one["tool"] for one in told} == FIVE
    assert [one["title"] for one in told[1]["output"]["tasks"]] == ["milk"]
    changed = [one["output"]["task"] for one in told[2:6]]
    assert [(one["title"], one["completed"]) for one in changed] == [
        ("milk", True),
        ("milk", False),
        ("oat milk", False),
        ("oat milk", True),
    ]
    assert told[6]["output"]["deleted"]["title"] == "oat milk"
    assert [one["error"]["code"] for one in told[7:]] == ["not_found", "invalid_arguments"]
    assert await database.rows_of(alice.user_id) == {
        "chat.turn": len(told),
        "chat.daily_use": 1,
        "tasks.tool_call": len(told),
    }, "a click left a message, a conversation or a task"


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("tasks.add", {"title": "x", "user_id": str(uuid4())}),
        ("tasks.list", {"user_id": str(uuid4())}),
        ("tasks.drop", {}),
        ("drop_table", {}),
        ("list_tasks", {}),
        ("tasks.add", "buy milk"),
    ],
)
async def test_there_is_no_other_action_and_nobody_chooses_a_user(
    stack: Stack, alice: User, database: DatabaseView, action: str, payload: Any
) -> None:
    response = await act(stack.urls.gateway, alice, action, payload)

    refusal(response, 422, "invalid_request")
    assert await database.rows_of(alice.user_id) == {}


async def test_neither_model_nor_history_hears_of_a_click(
    stack: Stack, alice: User, simulator: Simulator
) -> None:
    said = f"hello {uuid4()}"
    await simulator.script(said, text("Hello."))
    thread = answer(await say(stack.urls.gateway, alice, said))["conversation_id"]
    secret = f"clicked {uuid4()}"
    called(await act(stack.urls.gateway, alice, "tasks.add", {"title": secret}, thread=thread))
    follows = f"and then? {uuid4()}"
    await simulator.script(follows, text("Then."))
    answer(await say(stack.urls.gateway, alice, follows, conversation_id=thread))

    (asked,) = await simulator.asked(follows)
    assert len(await simulator.asked(said)) == 1
    assert await simulator.asked(secret) == [], "the model was asked for a click"
    assert secret not in json.dumps(asked)
