"""Every call leaves one row, whatever was wrong with it."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from ..caller import Caller, key
from ..rows import Rows

UNSTORABLE: dict[str, dict[str, Any]] = {
    "NUL": {"title": "a\0b", "na\0me": "\0"},
    "half a character": {"title": "\ud800", "\udfff": 1},
    "not a number": {"title": float("nan"), "x": [float("inf"), {"y": float("-inf")}]},
    "a number without end": {"title": 10**4000},
    "a long text": {"title": "x" * 60_000},
    "many members": {f"argument_{n}": n for n in range(1_000)},
    "a deep list": {"title": eval("[" * 60 + "]" * 60)},
}


async def test_row_says_who_what_which_turn_and_what_came_of_it(caller: Caller, rows: Rows) -> None:
    turn_id, conversation_id = uuid4(), uuid4()
    meta = key(turn_id, 3) | {"taskchat/conversation-id": str(conversation_id)}

    answer = await caller.call("add_task", meta=meta, title=" buy milk ")

    row = await rows.call(caller.user_id)
    assert row.pop("created_at").tzinfo is not None
    row.pop("trace_id")  # see test_telemetry.py
    assert row == {
        "id": answer.call_id,
        "user_id": caller.user_id,
        "conversation_id": conversation_id,
        "turn_id": turn_id,
        "ordinal": 3,
        "name": "add_task",
        "arguments": {"title": " buy milk "},
        "status": "ok",
        "output": answer.content,
        "error": None,
        "duration_ms": answer.meta["taskchat/tool-call"]["duration_ms"],
        "expired_at": None,
    }
    assert 0 < row["duration_ms"] < 10_000


async def test_unknown_tool_leaves_a_row_and_says_which_there_are(
    caller: Caller, rows: Rows
) -> None:
    answer = await caller.call("drop_all_tasks", meta=key(), everything=True)

    assert answer.code == "invalid_arguments"
    assert "`add_task`, `list_tasks`" in answer.message
    assert "drop_all_tasks" not in answer.text
    row = await rows.call(caller.user_id)
    assert (row["name"], row["arguments"]) == ("drop_all_tasks", {"everything": True})
    assert row["ordinal"] == 0


async def test_name_that_postgres_cannot_hold_leaves_a_row_too(caller: Caller, rows: Rows) -> None:
    answer = await caller.call("\0" + "ü" * 500)

    assert answer.code == "invalid_arguments"
    assert (await rows.call(caller.user_id))["name"] == "\ufffd" + "ü" * 126 + "…"


@pytest.mark.parametrize("arguments", UNSTORABLE.values(), ids=UNSTORABLE.keys())
async def test_arguments_that_postgres_cannot_hold_leave_a_row_too(
    caller: Caller, rows: Rows, arguments: dict[str, Any]
) -> None:
    answer = await caller.call("add_task", meta=key(), **arguments)

    assert answer.code == "invalid_arguments"
    assert (await rows.call(caller.user_id))["error"] == answer.content


WRONG_META: dict[str, dict[str, Any]] = {
    "a text": {"taskchat/idempotency-key": "abc"},
    "no ordinal": {"taskchat/idempotency-key": {"turn_id": str(uuid4())}},
    "ordinal below 0": key(ordinal=-1),
    "ordinal a text": {
        "taskchat/idempotency-key": {"turn_id": str(uuid4()), "ordinal": "0"},
    },
    "ordinal true": {"taskchat/idempotency-key": {"turn_id": str(uuid4()), "ordinal": True}},
    "ordinal beyond an integer": key(ordinal=2**31),
    "turn not a UUID": {"taskchat/idempotency-key": {"turn_id": "1", "ordinal": 0}},
    "more than the two": {
        "taskchat/idempotency-key": {"turn_id": str(uuid4()), "ordinal": 0, "user": "x"},
    },
    "conversation not a UUID": {"taskchat/conversation-id": "mine"},
}


@pytest.mark.parametrize("meta", WRONG_META.values(), ids=WRONG_META.keys())
async def test_meta_of_another_form_is_refused_and_recorded_without_it(
    caller: Caller, rows: Rows, meta: dict[str, Any]
) -> None:
    answer = await caller.call("add_task", meta=meta, title="x")

    assert answer.code == "invalid_arguments"
    assert "taskchat/idempotency-key" in answer.message
    assert await rows.tasks(caller.user_id) == []
    row = await rows.call(caller.user_id)
    assert (row["turn_id"], row["conversation_id"]) == (None, None)


async def test_calls_without_a_key_are_all_different(caller: Caller, rows: Rows) -> None:
    answers = [await caller.call("add_task", title="x") for _ in range(2)]

    assert len({answer.call_id for answer in answers}) == 2
    assert len(await rows.tasks(caller.user_id)) == 2
    assert [row["id"] for row in await rows.calls(caller.user_id)] == [
        answer.call_id for answer in answers
    ]


async def test_meta_names_the_row(caller: Caller, rows: Rows) -> None:
    for answer in (await caller.call("list_tasks"), await caller.call("list_tasks", limit=0)):
        told = answer.meta["taskchat/tool-call"]
        assert told.keys() == {"id", "duration_ms", "replayed", "conflict"}
        stored = [row for row in await rows.calls(caller.user_id) if row["id"] == UUID(told["id"])]
        assert [row["duration_ms"] for row in stored] == [told["duration_ms"]]
