"""What a workflow's row says of a call, while it runs and afterwards."""

import pytest
from chat_gateway.chatkit.tasks import task_of_call, task_of_result
from chat_gateway.turns.journal import ToolCallRequest, ToolError, ToolResult
from pydantic import JsonValue
from servicekit.identifiers import new_id


def result(
    name: str, arguments: dict[str, JsonValue], task: dict[str, JsonValue] | None
) -> ToolResult:
    """What a call came to. Args: task: None: it failed."""
    return ToolResult(
        ordinal=0,
        id=new_id(),
        name=name,
        arguments=arguments,
        status="error" if task is None else "ok",
        output=None if task is None else {"task": task},
        error=ToolError(code="not_found", message="Call list_tasks.") if task is None else None,
        duration_ms=1.0,
    )


@pytest.mark.parametrize(
    ("arguments", "completed", "title"),
    [
        ({"completed": False}, False, "Reopened “milk”"),
        ({"completed": "no"}, False, "Reopened “milk”"),
        ({"completed": True}, True, "Completed “milk”"),
        ({"completed": 1}, True, "Completed “milk”"),
        ({"title": "milk", "completed": None}, True, "Changed “milk”"),
        ({"title": "milk", "completed": False}, False, "Changed “milk”"),
    ],
)
def test_a_change_is_told_by_what_the_task_is_now(
    arguments: dict[str, JsonValue], completed: bool, title: str
) -> None:
    came = result("update_task", arguments, {"title": "milk", "completed": completed})
    assert task_of_result(came).title == title


def test_a_failed_call_says_why() -> None:
    task = task_of_result(result("update_task", {"completed": False}, None))
    assert (task.title, task.content) == (
        "Did not reopen",
        "There is no such task, or not any more.",
    )


def test_a_call_of_a_tool_that_nobody_has_is_told_too() -> None:
    call = ToolCallRequest(ordinal=0, call_id="call-0", name="fly", arguments={"title": "home"})
    task = task_of_call(call)
    assert (task.title, task.status_indicator) == ("Working “home”", "loading")
