"""What a problem tells of a turn that failed after its tools had changed something."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from chat_gateway.errors import (
    DatabaseUnavailable,
    DeadlineExceeded,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    ToolsUnavailable,
)
from chat_gateway.turns.journal import ToolError, ToolResult
from chat_gateway.turns.runner import TurnContext
from servicekit.identifiers import new_id

from ..equipment.gateway import Gateway
from ..equipment.scripted_agent import Script, result, step
from ..equipment.storage import Storage

HELLO = {"message": "hello"}
FAILURES: list[tuple[Exception, int, str]] = [
    (ModelError(), 502, "model_error"),
    (ModelRefused(), 502, "model_error"),
    (ModelUnavailable(), 503, "model_unavailable"),
    (ToolsUnavailable(), 503, "tools_unavailable"),
    (DatabaseUnavailable("Nothing was changed."), 503, "database_unavailable"),
    (DeadlineExceeded(), 504, "deadline_exceeded"),
    (RuntimeError("a secret"), 500, "internal_error"),
]
IDS = [type(error).__name__ for error, _, _ in FAILURES]


def ending_in(error: Exception, *results: ToolResult, asked: int | None = None) -> Script:
    """An agent whose calls came to these results before it failed. Args: asked: calls in all."""

    async def run(context: TurnContext) -> str:
        count = len(results) if asked is None else asked
        if count and not context.journal.steps:
            await context.journal.record_step(step(0, *(f"task {n}" for n in range(count))))
            for one in results:
                await context.journal.record_result(one)
        raise error

    return run


def read(ordinal: int) -> ToolResult:
    """What looking at the list came to."""
    return replace(result(ordinal, "x"), name="list_tasks", arguments={}, read_only=True)


def failed(ordinal: int) -> ToolResult:
    """What a call came to that was refused."""
    error = ToolError(code="not_found", message="No such task.")
    return replace(result(ordinal, "x"), status="error", output=None, error=error)


async def told(gateway: Gateway, status: int, user_id: UUID, **headers: str) -> dict[str, Any]:
    """The problem that the turn ends in."""
    response = await gateway.post(user_id, HELLO, **headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    return body


@pytest.mark.parametrize(("error", "status", "code"), FAILURES, ids=IDS)
async def test_it_names_the_turn_and_lists_what_was_done(
    gateway: Gateway, storage: Storage, error: Exception, status: int, code: str
) -> None:
    milk, eggs, user_id = result(0, "milk"), result(1, "eggs"), new_id()
    gateway.agent.script = ending_in(error, milk, eggs, read(2), failed(3))

    body = await told(gateway, status, user_id)

    (turn,) = await storage.turns(user_id)
    assert body["code"] == code
    assert body["turn_id"] == str(turn["id"])
    assert body["conversation_id"] == str(turn["conversation_id"])
    assert [call["status"] for call in body["tool_calls"]] == ["ok", "ok", "ok", "error"]
    assert body["tool_calls"][0] == {
        "id": str(milk.id),
        "name": "add_task",
        "arguments": {"title": "milk"},
        "status": "ok",
        "output": {"task": {"title": "milk"}},
        "error": None,
        "duration_ms": 1.5,
    }
    assert "2 changes were made before that: add task (2)." in body["detail"]
    assert "Look at your tasks" in body["detail"]
    for lie in ("secret", "othing was changed", "try again", "milk"):
        assert lie not in body["detail"].casefold()


@pytest.mark.parametrize(("error", "status", "code"), FAILURES, ids=IDS)
async def test_it_says_so_when_nothing_was_done(
    gateway: Gateway, error: Exception, status: int, code: str
) -> None:
    gateway.agent.script = ending_in(error, read(0), failed(1))

    body = await told(gateway, status, new_id())

    assert (body["code"], len(body["tool_calls"])) == (code, 2)
    assert "Nothing was changed. Your message is kept." in body["detail"]


async def test_a_call_whose_end_is_not_known_is_told_of(gateway: Gateway) -> None:
    async def cut_off(context: TurnContext) -> str:
        await context.journal.record_step(step(0, "milk", "eggs"))
        context.in_doubt.add(0)
        raise DeadlineExceeded()

    gateway.agent.script = cut_off

    body = await told(gateway, 504, new_id())

    assert body["tool_calls"] == []
    assert "One change may have been made." in body["detail"]
    assert "Look at your tasks" in body["detail"]


async def test_with_a_key_it_says_how_to_go_on_and_each_attempt_tells_of_all_before(
    gateway: Gateway, storage: Storage
) -> None:
    user_id = new_id()
    gateway.agent.script = ending_in(ModelUnavailable(), result(0, "milk"), asked=2)
    first = await told(gateway, 503, user_id, idempotency_key="key")
    # The next attempt fails before it comes to the call that the first one may have made.
    gateway.agent.script = ending_in(ToolsUnavailable())
    again = await told(gateway, 503, user_id, idempotency_key="key")

    assert "1 change was made before that: add task." in first["detail"]
    assert (
        "1 change was made before that: add task. One more may have been made." in again["detail"]
    )
    assert "with the same Idempotency-Key to go on from there." in again["detail"]
    for member in ("turn_id", "conversation_id", "tool_calls"):
        assert first[member] == again[member]
    assert first["tool_calls"][0]["arguments"] == {"title": "milk"}
    (turn,) = await storage.turns(user_id)
    assert (turn["state"], turn["attempt"]) == ("failed", 2)


async def test_a_bug_is_still_logged_as_one(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.agent.script = ending_in(RuntimeError("a secret"), result(0, "milk"))

    await told(gateway, 500, new_id())

    assert "Exception in ASGI application" in caplog.text


async def test_what_ends_before_there_is_a_turn_names_none(gateway: Gateway) -> None:
    body = (await gateway.post(new_id(), {"message": " "})).json()

    assert not {"turn_id", "conversation_id", "tool_calls"} & body.keys()
