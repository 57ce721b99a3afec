"""What a 200 looks like, to the byte where the contract says so."""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from devstack.stack import Stack

from tests.equipment.chat import User, answer, say
from tests.equipment.documents import CONTRACT, section
from tests.equipment.simulator import Simulator, calls, text

MEMBERS = [
    "conversation_id",
    "turn_id",
    "message_id",
    "response",
    "tool_calls",
    "created_at",
]
CALL_MEMBERS = ["id", "name", "arguments", "status", "output", "error", "duration_ms"]
TASK_MEMBERS = ["id", "title", "description", "completed", "created_at", "updated_at"]
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def is_uuid7(text: str) -> bool:
    """Whether an id is a UUIDv7 in its one spelling."""
    return str(UUID(text)) == text and UUID(text).version == 7


async def test_answer_has_the_members_of_the_contract_and_no_other(
    stack: Stack, simulator: Simulator, alice: User
) -> None:
    said = f"groceries {uuid4()}"
    await simulator.script(
        said,
        calls(("add_task", {"title": "buy groceries"})),
        calls(("delete_task", {"task_id": str(uuid4())})),
        text("I added “buy groceries” to your tasks."),
    )

    found = answer(await say(stack.urls.gateway, alice, said))

    assert list(found) == MEMBERS
    assert all(is_uuid7(found[name]) for name in ("conversation_id", "turn_id", "message_id"))
    assert found["response"] == "I added “buy groceries” to your tasks."
    assert UTC_TIME.fullmatch(found["created_at"])
    age = datetime.now(UTC) - datetime.fromisoformat(found["created_at"])
    assert timedelta(seconds=-1) < age < timedelta(seconds=30)
    added, failed = found["tool_calls"]
    for call in (added, failed):
        assert list(call) == CALL_MEMBERS
        assert is_uuid7(call["id"])
        assert call["duration_ms"] >= 0
    assert (added["name"], added["status"], added["error"]) == ("add_task", "ok", None)
    assert added["arguments"] == {"title": "buy groceries"}
    task = added["output"]["task"]
    assert sorted(task) == sorted(TASK_MEMBERS)
    assert is_uuid7(task["id"])
    assert (task["title"], task["description"], task["completed"]) == ("buy groceries", None, False)
    assert UTC_TIME.fullmatch(task["created_at"])
    assert UTC_TIME.fullmatch(task["updated_at"])
    assert (failed["status"], failed["output"]) == ("error", None)
    assert sorted(failed["error"]) == ["code", "message"]
    assert failed["error"]["code"] == "not_found"


async def test_answer_without_tools_has_an_empty_list(stack: Stack, alice: User) -> None:
    assert answer(await say(stack.urls.gateway, alice, "hello"))["tool_calls"] == []


def test_example_of_the_contract_has_these_members_too() -> None:
    example = json.loads(section(CONTRACT, "The endpoint").split("```json\n")[1].split("```")[0])

    assert list(example) == MEMBERS
    (call,) = example["tool_calls"]
    assert list(call) == CALL_MEMBERS
    assert list(call["output"]["task"]) == TASK_MEMBERS


async def test_conversation_goes_on_where_it_was(stack: Stack, alice: User) -> None:
    first = answer(await say(stack.urls.gateway, alice, "add a task to buy milk"))

    second = answer(
        await say(stack.urls.gateway, alice, "delete it", conversation_id=first["conversation_id"])
    )

    assert second["conversation_id"] == first["conversation_id"]
    assert second["turn_id"] != first["turn_id"]
    assert [call["name"] for call in second["tool_calls"]][-1] == "delete_task"
    assert second["tool_calls"][-1]["output"]["deleted"]["title"] == "buy milk"
