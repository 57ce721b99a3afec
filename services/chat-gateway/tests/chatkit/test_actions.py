"""`threads.custom_action`: which tool call an action is, and which it is not."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from chat_gateway.actions.clicks import ClickAnswer
from chat_gateway.api.bodies import parse_body
from chat_gateway.chatkit.actions import MAX_TEXT_LENGTH, Click, Stop, click_events, stop_events
from chat_gateway.errors import ConversationNotFound, InvalidRequest
from chat_gateway.turns.journal import ToolError
from chat_gateway.turns.tool_calls import ToolCall
from chatkit.types import ThreadStreamEvent
from pydantic import TypeAdapter

THREAD = "01980000-0000-7000-8000-00000000000a"
TASK = "01980000-0000-7000-8000-00000000000c"
TURN = "01980000-0000-7000-8000-00000000000d"
EVENT: TypeAdapter[Any] = TypeAdapter(ThreadStreamEvent)
PAYLOAD = "/params/action/payload"

CLICKS: dict[str, list[tuple[object, str, dict[str, Any]]]] = {
    "tasks.list": [
        (None, "list_tasks", {}),
        ({}, "list_tasks", {}),
        (
            {"status": "Pending", "query": " milk ", "limit": "50", "cursor": "c"},
            "list_tasks",
            {"status": "Pending", "query": " milk ", "limit": "50", "cursor": "c"},
        ),
        ({"limit": 50.0, "query": None}, "list_tasks", {"limit": 50.0, "query": None}),
        ({"limit": 10**9}, "list_tasks", {"limit": 10**9}),
    ],
    "tasks.add": [
        ({"title": "milk"}, "add_task", {"title": "milk"}),
        ({"title": "", "description": ""}, "add_task", {"title": "", "description": ""}),
    ],
    "tasks.complete": [({"task_id": TASK}, "complete_task", {"task_id": TASK})],
    "tasks.reopen": [({"task_id": TASK}, "update_task", {"task_id": TASK, "completed": False})],
    "tasks.update": [
        ({"task_id": "7", "title": "x"}, "update_task", {"task_id": "7", "title": "x"}),
        (
            {"task_id": TASK, "description": None, "completed": True},
            "update_task",
            {"task_id": TASK, "description": None, "completed": True},
        ),
    ],
    "tasks.delete": [({"task_id": TASK}, "delete_task", {"task_id": TASK})],
}
WRONG: list[tuple[str, object, str]] = [
    ("tasks.list", [], PAYLOAD),
    ("tasks.list", "pending", PAYLOAD),
    ("tasks.list", {"status": 1}, f"{PAYLOAD}/status"),
    ("tasks.list", {"limit": True}, f"{PAYLOAD}/limit"),
    ("tasks.list", {"limit": 10**400}, f"{PAYLOAD}/limit"),
    ("tasks.list", {"limit": [1]}, f"{PAYLOAD}/limit"),
    ("tasks.list", {"query": "a\0b"}, f"{PAYLOAD}/query"),
    ("tasks.list", {"user_id": str(uuid4())}, PAYLOAD),
    ("tasks.add", None, f"{PAYLOAD}/title"),
    ("tasks.add", {"title": None}, f"{PAYLOAD}/title"),
    ("tasks.add", {"title": 7}, f"{PAYLOAD}/title"),
    ("tasks.add", {"title": "x" * (MAX_TEXT_LENGTH + 1)}, f"{PAYLOAD}/title"),
    ("tasks.list", {"limit": "9" * (MAX_TEXT_LENGTH + 1)}, f"{PAYLOAD}/limit"),
    ("tasks.add", {"title": "a\ud800"}, f"{PAYLOAD}/title"),
    ("tasks.add", {"title": "x", "user_id": str(uuid4())}, PAYLOAD),
    ("tasks.add", {"title": "x", "completed": True}, PAYLOAD),
    ("tasks.add", {"title": "x", "": 1}, PAYLOAD),
    ("tasks.complete", {}, f"{PAYLOAD}/task_id"),
    ("tasks.complete", {"task_id": [TASK]}, f"{PAYLOAD}/task_id"),
    ("tasks.complete", {"task_id": TASK, "completed": False}, PAYLOAD),
    ("tasks.reopen", {"task_id": TASK, "completed": True}, PAYLOAD),
    ("tasks.update", {"task_id": TASK, "completed": "yes"}, f"{PAYLOAD}/completed"),
    ("tasks.delete", {"task_id": TASK, "sure": True}, PAYLOAD),
    ("turn.stop", None, f"{PAYLOAD}/turn_id"),
    ("turn.stop", {"turn_id": "7"}, f"{PAYLOAD}/turn_id"),
    ("turn.stop", {"turn_id": f"{TURN}\n"}, f"{PAYLOAD}/turn_id"),
    ("turn.stop", {"turn_id": TURN, "thread_id": THREAD}, PAYLOAD),
    ("tasks.burn", {}, "/params/action/type"),
    ("add_task", {"title": "x"}, "/params/action/type"),
    ("TASKS.ADD", {"title": "x"}, "/params/action/type"),
    ("", {}, "/params/action/type"),
]


def parsed(action: object, thread: object = THREAD, **others: object) -> Any:
    params = {"thread_id": thread, "action": action, **others}
    body = {"type": "threads.custom_action", "params": params}
    return parse_body(json.dumps(body).encode())


def refused(action: object, thread: object = THREAD) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as raised:
        parsed(action, thread)
    return raised.value


@pytest.mark.parametrize("thread", [THREAD, None])
@pytest.mark.parametrize("action", CLICKS)
def test_action_is_one_tool_call(action: str, thread: str | None) -> None:
    for payload, tool, arguments in CLICKS[action]:
        found = parsed({"type": action, "payload": payload}, thread, item_id="anything")
        assert found == Click(None if thread is None else UUID(thread), action, tool, arguments)


def test_action_without_a_payload_is_one_without_members() -> None:
    assert parsed({"type": "tasks.list"}) == Click(UUID(THREAD), "tasks.list", "list_tasks", {})


def test_stop_names_a_turn_of_the_thread() -> None:
    found = parsed({"type": "turn.stop", "payload": {"turn_id": TURN.upper()}})
    assert found == Stop(UUID(THREAD), UUID(TURN))


@pytest.mark.parametrize(("action", "payload", "pointer"), WRONG)
def test_what_no_tool_knows_is_pointed_at(action: str, payload: object, pointer: str) -> None:
    problem = refused({"type": action, "payload": payload})
    assert [error["pointer"] for error in problem.errors or []] == [pointer]


def test_members_that_somebody_made_up_are_not_echoed() -> None:
    problem = refused({"type": "tasks.add", "payload": {"title": "x", "<script>": 1, "y": 2}})
    (error,) = problem.errors or []
    assert error["message"] == "may have no members but title, description"


@pytest.mark.parametrize("thread", ["", "null", f"{THREAD} "])
def test_thread_that_can_be_none_is_not_found(thread: str) -> None:
    with pytest.raises(ConversationNotFound):
        parsed({"type": "tasks.list"}, thread)


@pytest.mark.parametrize("thread", [7, {}, [THREAD], True])
def test_thread_is_a_text_or_null(thread: object) -> None:
    problem = refused({"type": "tasks.list"}, thread)
    assert [error["pointer"] for error in problem.errors or []] == ["/params/thread_id"]


def test_thread_that_is_left_out_is_asked_for() -> None:
    body = {"type": "threads.custom_action", "params": {"action": {"type": "tasks.list"}}}
    with pytest.raises(InvalidRequest) as raised:
        parse_body(json.dumps(body).encode())
    assert [error["pointer"] for error in raised.value.errors or []] == ["/params/thread_id"]


def test_stop_needs_its_thread() -> None:
    problem = refused({"type": "turn.stop", "payload": {"turn_id": TURN}}, None)
    assert [error["pointer"] for error in problem.errors or []] == ["/params/thread_id"]


@pytest.mark.parametrize("kind", ["threads.get_by_id", "threads.add_user_message", "items.list"])
def test_null_thread_is_of_actions_only(kind: str) -> None:
    body = {"type": kind, "params": {"thread_id": None, "input": {}}}
    with pytest.raises(InvalidRequest):
        parse_body(json.dumps(body).encode())


def answered(error: ToolError | None) -> str:
    """A click as it is stored."""
    return ClickAnswer(
        conversation_id=None,
        turn_id=UUID(TURN),
        tool_call=ToolCall(
            id=TASK,
            name="add_task",
            arguments={"title": "milk"},
            status="ok" if error is None else "error",
            output={"task": {"title": "milk", "description": None}} if error is None else None,
            error=error,
            duration_ms=1.5,
        ),
    ).model_dump_json()


def told(events: Any) -> list[dict[str, Any]]:
    """Events as they are sent, each of them one that the library knows."""
    sent = [json.loads(event.model_dump_json(exclude_none=True)) for event in events]
    for one in sent:
        EVENT.validate_python(one)
    return sent


def test_click_that_worked_tells_its_result() -> None:
    assert told(click_events(answered(None))) == [
        {"type": "stream_options", "stream_options": {"allow_cancel": False}},
        {
            "type": "client_effect",
            "name": "tool_result",
            "data": {
                "id": TASK,
                "tool": "add_task",
                "arguments": {"title": "milk"},
                "output": {"task": {"title": "milk", "description": None}},
            },
        },
    ]


def test_click_that_its_tool_refused_tells_why() -> None:
    error = ToolError(code="not_found", message="There is no such task.")
    _, effect, last = told(click_events(answered(error)))
    assert effect["data"]["output"] is None
    assert effect["data"]["error"] == error
    assert last == {
        "type": "error",
        "code": "custom",
        "message": "There is no such task, or not any more.",
        "allow_retry": False,
    }


@pytest.mark.parametrize("stopped", [True, False])
def test_stop_tells_whether_there_was_anything_to_stop(stopped: bool) -> None:
    _, effect = told(stop_events(UUID(TURN), stopped=stopped))
    assert (effect["name"], effect["data"]) == (
        "turn_stopped",
        {"turn_id": TURN, "stopped": stopped},
    )
