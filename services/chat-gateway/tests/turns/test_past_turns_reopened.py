"""What a later turn is told of a task that was reopened: that it is open, so "undo" has a fact."""

from dataclasses import replace
from uuid import UUID

import pytest
from chat_gateway.turns.journal import ToolCallRequest, ToolResult
from chat_gateway.turns.past_turns import exchange_of
from chat_gateway.turns.rows import PastTurn
from chat_gateway.turns.states import Failure
from pydantic import JsonValue, TypeAdapter

MILK = "01980000-0000-7000-8000-00000000a11c"
CALL_ID = UUID("01980000-0000-7000-8000-0000000000ca")
FAILED: Failure = {"code": "deadline_exceeded", "retryable": True}
STORED: TypeAdapter[list[ToolResult | ToolCallRequest]] = TypeAdapter(
    list[ToolResult | ToolCallRequest]
)


def updated(given: dict[str, JsonValue], *, completed: bool) -> ToolResult:
    return ToolResult(
        ordinal=0,
        id=CALL_ID,
        name="update_task",
        arguments={"task_id": MILK, **given},
        status="ok",
        output={"task": {"id": MILK, "title": "milk", "description": None, "completed": completed}},
        error=None,
        duration_ms=1.0,
    )


def stored(recorded: ToolResult | ToolCallRequest) -> list[JsonValue]:
    """As the journal keeps it, alone."""
    kept: list[JsonValue] = STORED.dump_python([recorded], mode="json")
    return kept


def told(result: ToolResult) -> str:
    exchange = exchange_of(
        PastTurn("untick it", None, response="Done.", results=stored(result), calls=[])
    )
    assert exchange is not None
    return exchange.reply


@pytest.mark.parametrize("spelled", [False, "False", 0])
def test_reopened_task_is_open_again(spelled: JsonValue) -> None:
    reopened = updated({"completed": spelled}, completed=False)

    assert told(reopened) == f'Done.\n\n[done: update_task "milk" id={MILK} open again]'


def test_task_that_was_marked_as_done_is_completed() -> None:
    marked = updated({"completed": True}, completed=True)

    assert told(marked).endswith(f'update_task "milk" id={MILK} completed]')


@pytest.mark.parametrize("beside", [{}, {"completed": None}])
def test_renamed_open_task_was_not_opened(beside: dict[str, JsonValue]) -> None:
    assert told(updated({"title": "milk", **beside}, completed=False)).endswith(f"id={MILK}]")


@pytest.mark.parametrize("name", ["add_task", "delete_task"])
def test_other_tools_open_nothing(name: str) -> None:
    one = replace(updated({}, completed=False), name=name)

    assert told(one).endswith(f"id={MILK}]")


@pytest.mark.parametrize(("completed", "fact"), [(False, " open again"), (True, " completed")])
def test_call_that_is_not_known_to_be_done_tells_what_was_asked(completed: bool, fact: str) -> None:
    call = ToolCallRequest(0, "c1", "update_task", {"task_id": MILK, "completed": completed})

    exchange = exchange_of(
        PastTurn("untick it", FAILED, response=None, results=[], calls=stored(call))
    )

    assert exchange is not None
    assert f"not known to be done: update_task id={MILK}{fact}." in exchange.reply
