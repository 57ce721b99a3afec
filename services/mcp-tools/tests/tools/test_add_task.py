"""`add_task` over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from ..caller import Caller
from ..rows import Rows

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no title": ({}, "`title` is required: it must be a text of 1 to 200 characters"),
    "empty title": ({"title": ""}, "`title` must be a text of 1 to 200 characters"),
    "blank title": ({"title": " \t\n\u3000 "}, "`title` must be a text of 1 to 200 characters"),
    "title of 201": ({"title": "x" * 201}, "`title` must be a text of 1 to 200 characters"),
    "title with NUL": ({"title": "a\0b"}, "`title` must not hold a NUL character."),
    "title of a zero-width space": ({"title": "\u200b"}, "`title` must hold something visible."),
    "title of an accent": ({"title": " \u0301 "}, "`title` must hold something visible."),
    "title with tags": ({"title": "milk\U000e0041"}, "`title` must not hold tag characters"),
    "title turned round": ({"title": "\u202emilk"}, "`title` must not hold characters that turn"),
    "description of a filler": (
        {"title": "a", "description": "\u3164"},
        "`description` must hold something visible.",
    ),
    "title with half a character": ({"title": "a\ud800b"}, "`title` must be a text"),
    "title null": ({"title": None}, "`title` must be a text"),
    "title a number": ({"title": 7}, "`title` must be a text"),
    "title a list": ({"title": ["a"]}, "`title` must be a text"),
    "description of 2001": (
        {"title": "a", "description": "x" * 2001},
        "`description` must be a text of at most 2000 characters",
    ),
    "description with NUL": (
        {"title": "a", "description": "\0"},
        "`description` must not hold a NUL character.",
    ),
    "description an object": ({"title": "a", "description": {}}, "`description` must be a text"),
    "unknown argument": (
        {"title": "a", "priority": "high"},
        "`priority` is not a parameter of add_task. It takes `title`, `description`.",
    ),
    "an id of its own": (
        {"title": "a", "id": "0198c0de-0000-7000-8000-000000000000"},
        "`id` is not a parameter of add_task.",
    ),
    "a title that drives a terminal": (
        {"title": "milk\x1b[2J\x1b]0;pwn\x07"},
        "`title` must not hold control characters",
    ),
    "a description that does": (
        {"title": "milk", "description": "a\x9b31m"},
        "`description` must not hold control characters",
    ),
    "two wrong": ({"title": "", "due": "x"}, "`due` is not a parameter of add_task."),
}


@pytest.mark.parametrize(("arguments", "told"), WRONG.values(), ids=WRONG.keys())
async def test_wrong_arguments_are_named_with_their_rule_and_recorded(
    caller: Caller, rows: Rows, arguments: dict[str, Any], told: str
) -> None:
    answer = await caller.call("add_task", **arguments)

    assert answer.code == "invalid_arguments"
    assert told in answer.message
    assert await rows.tasks(caller.user_id) == []
    row = await rows.call(caller.user_id)
    assert row["error"] == answer.content
    assert row["status"] == "error"


async def test_message_names_no_value_that_was_sent(caller: Caller) -> None:
    hostile: dict[str, Any] = {"description": ["SECRET"], "SECRET VALUE": 1}
    answer = await caller.call("add_task", title="SECRET" * 100, **hostile)

    assert "SECRET" not in answer.text
    assert str(caller.user_id) not in answer.text


async def test_title_is_trimmed_and_description_is_null_when_not_given(
    caller: Caller, rows: Rows
) -> None:
    task = (await caller.call("add_task", title="  buy milk\n")).task

    assert task["title"] == "buy milk"
    assert task["description"] is None
    assert task["completed"] is False
    assert task["created_at"] == task["updated_at"]
    created_at = datetime.fromisoformat(task["created_at"])
    assert abs(datetime.now(UTC) - created_at) < timedelta(minutes=1)
    (row,) = await rows.tasks(caller.user_id)
    assert (row["id"], row["title"], row["description"]) == (UUID(task["id"]), "buy milk", None)
    assert row["created_at"] == created_at


@pytest.mark.parametrize("title", ["👨‍👩‍👧‍👦", "می‌خواهم", "क्‍ष", "\u200fשלום", "❤️", "\u2068a\u2069"])
async def test_joiners_marks_and_selectors_beside_something_visible_are_kept(
    caller: Caller, title: str
) -> None:
    assert (await caller.call("add_task", title=title, description=title)).task["title"] == title


async def test_longest_texts_are_taken(caller: Caller) -> None:
    title, description = "ß" * 200, "🥛" * 2000

    task = (await caller.call("add_task", title=f" {title} ", description=description)).task

    assert (task["title"], task["description"]) == (title, description)


@pytest.mark.parametrize("description", [None, "", "  "])
async def test_no_description_is_null(caller: Caller, description: str | None) -> None:
    assert (await caller.call("add_task", title="a", description=description)).task[
        "description"
    ] is None


async def test_ids_sort_by_the_time_they_were_made(caller: Caller) -> None:
    ids = [(await caller.call("add_task", title=f"task {n}")).task["id"] for n in range(5)]

    assert sorted(ids) == ids
    assert {UUID(task_id).version for task_id in ids} == {7}


async def test_times_have_six_decimals_and_z(caller: Caller) -> None:
    task = (await caller.call("add_task", title="a")).task

    assert len(task["created_at"]) == len("2026-11-21T10:00:00.000000Z")
    assert task["created_at"].endswith("Z")


async def test_answer_is_structured_and_told_as_text_too(caller: Caller) -> None:
    answer = await caller.call("add_task", title="a “quoted” thing")

    assert "a “quoted” thing" in answer.text
    assert answer.content.keys() == {"task"}
