"""`list_tasks` over HTTP."""

from typing import Any

import pytest

from ..caller import Caller

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown status": ({"status": "done"}, "`status` must be one of all, pending, completed."),
    "status a list": ({"status": ["all"]}, "`status` must be one of"),
    "limit 0": ({"limit": 0}, "`limit` must be a whole number from 1 to 100."),
    "limit 101": ({"limit": 101}, "`limit` must be a whole number from 1 to 100."),
    "limit 1.5": ({"limit": 1.5}, "`limit` must be a whole number"),
    "limit a word": ({"limit": "ten"}, "`limit` must be a whole number"),
    "cursor invented": ({"cursor": "abc"}, "`cursor` is not a `next_cursor`"),
    "cursor not ASCII": ({"cursor": "é" * 38}, "`cursor` is not a `next_cursor`"),
    "cursor a number": ({"cursor": 5}, "`cursor` must be a `next_cursor`"),
    "cursor too long": ({"cursor": "A" * 101}, "`cursor` must be a `next_cursor`"),
}


async def add(caller: Caller, count: int) -> list[str]:
    """Add tasks; gives their titles, newest first."""
    for number in range(count):
        await caller.call("add_task", title=f"task {number}")
    return [f"task {number}" for number in reversed(range(count))]


def titles(content: dict[str, Any]) -> list[str]:
    return [task["title"] for task in content["tasks"]]


@pytest.mark.parametrize(("arguments", "told"), WRONG.values(), ids=WRONG.keys())
async def test_wrong_arguments_are_named_with_their_rule(
    caller: Caller, arguments: dict[str, Any], told: str
) -> None:
    answer = await caller.call("list_tasks", **arguments)

    assert answer.code == "invalid_arguments"
    assert told in answer.message


async def test_tasks_of_others_are_not_there(caller: Caller, stranger: Caller) -> None:
    await add(stranger, 2)

    assert (await caller.call("list_tasks")).content == {"tasks": [], "next_cursor": None}


async def test_cursor_of_somebody_else_is_refused(caller: Caller, stranger: Caller) -> None:
    for person in (caller, stranger):
        await add(person, 2)
    borrowed = (await stranger.call("list_tasks", limit=1)).content["next_cursor"]

    assert (await caller.call("list_tasks", cursor=borrowed)).code == "invalid_arguments"


async def test_each_changed_character_of_a_cursor_is_noticed(caller: Caller) -> None:
    await add(caller, 2)
    cursor = (await caller.call("list_tasks", limit=1)).content["next_cursor"]

    for place in range(0, len(cursor), 5):
        other = "A" if cursor[place] != "A" else "B"
        damaged = f"{cursor[:place]}{other}{cursor[place + 1 :]}"
        assert (await caller.call("list_tasks", cursor=damaged)).code == "invalid_arguments"


async def test_pages_hold_each_task_once_newest_first(caller: Caller) -> None:
    expected = await add(caller, 7)

    seen: list[str] = []
    cursor = None
    for size in (3, 3, 1):
        page = (await caller.call("list_tasks", limit=3, cursor=cursor)).content
        assert len(page["tasks"]) == size
        seen += titles(page)
        cursor = page["next_cursor"]

    assert cursor is None
    assert seen == expected


async def test_page_that_is_just_full_is_the_last(caller: Caller) -> None:
    await add(caller, 3)

    assert (await caller.call("list_tasks", limit=3)).content["next_cursor"] is None


async def test_task_added_between_two_pages_moves_nothing(caller: Caller) -> None:
    await add(caller, 4)
    first = (await caller.call("list_tasks", limit=2)).content

    await caller.call("add_task", title="late")
    second = (await caller.call("list_tasks", limit=2, cursor=first["next_cursor"])).content

    assert titles(second) == ["task 1", "task 0"]


async def test_page_goes_on_after_its_last_task_was_deleted(caller: Caller) -> None:
    await add(caller, 4)
    first = (await caller.call("list_tasks", limit=2)).content
    await caller.call("delete_task", task_id=first["tasks"][-1]["id"])

    second = (await caller.call("list_tasks", limit=2, cursor=first["next_cursor"])).content

    assert titles(second) == ["task 1", "task 0"]


async def test_status_chooses_and_pages_too(caller: Caller) -> None:
    await add(caller, 5)
    everything = (await caller.call("list_tasks")).content["tasks"]
    for task in everything[::2]:
        await caller.call("complete_task", task_id=task["id"])

    pending = (await caller.call("list_tasks", status="pending")).content
    first = (await caller.call("list_tasks", status="completed", limit=2)).content
    second = (
        await caller.call("list_tasks", status="completed", cursor=first["next_cursor"])
    ).content

    assert titles(pending) == ["task 3", "task 1"]
    assert titles(first) + titles(second) == ["task 4", "task 2", "task 0"]
    assert titles((await caller.call("list_tasks", status="all")).content) == [
        task["title"] for task in everything
    ]


async def test_fifty_is_the_default(caller: Caller) -> None:
    await add(caller, 51)

    page = (await caller.call("list_tasks")).content

    assert len(page["tasks"]) == 50
    assert page["next_cursor"] is not None


@pytest.mark.parametrize("cursor", [None, ""])
async def test_no_cursor_begins_with_the_newest(caller: Caller, cursor: str | None) -> None:
    await add(caller, 2)

    page = (await caller.call("list_tasks", cursor=cursor)).content

    assert titles(page) == ["task 1", "task 0"]
