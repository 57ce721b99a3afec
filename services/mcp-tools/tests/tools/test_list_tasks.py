"""`list_tasks` over HTTP."""

from typing import Any

import pytest

from ..caller import Caller

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown status": ({"status": "done"}, "`status` must be one of all, pending, completed."),
    "status a list": ({"status": ["all"]}, "`status` must be one of"),
    "limit 0": ({"limit": 0}, "`limit` must be a whole number from 1 to 100."),
    "limit -1": ({"limit": "-1"}, "`limit` must be a whole number from 1 to 100."),
    "limit true": ({"limit": True}, "`limit` must be a whole number"),
    "limit 1.5": ({"limit": 1.5}, "`limit` must be a whole number"),
    "limit a word": ({"limit": "ten"}, "`limit` must be a whole number"),
    "query of 201": ({"query": "x" * 201}, "`query` must be a text of at most 200 characters."),
    "query a list": ({"query": ["milk"]}, "`query` must be a text"),
    "query with NUL": ({"query": "a\0"}, "`query` must not hold a NUL character."),
    "query of nothing visible": ({"query": "\u200b"}, "`query` must hold something visible."),
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

    assert (await caller.call("list_tasks")).content == {
        "tasks": [],
        "total": 0,
        "next_cursor": None,
    }


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


@pytest.mark.parametrize("left_out", [None, "", " "])
@pytest.mark.parametrize(
    "names", [["status"], ["query"], ["limit"], ["cursor"], ["status", "query", "limit", "cursor"]]
)
async def test_null_and_empty_are_left_out(
    caller: Caller, names: list[str], left_out: str | None
) -> None:
    await add(caller, 2)

    page = await caller.call("list_tasks", **dict.fromkeys(names, left_out))

    assert titles(page.content) == ["task 1", "task 0"]


@pytest.mark.parametrize("status", ["Pending", "PENDING", " pending\n"])
async def test_status_is_taken_in_any_case(caller: Caller, status: str) -> None:
    await add(caller, 1)

    assert titles((await caller.call("list_tasks", status=status)).content) == ["task 0"]


@pytest.mark.parametrize("limit", [1, 1.0, "1", " 1 "])
async def test_limit_is_taken_however_a_number_is_written(caller: Caller, limit: object) -> None:
    await add(caller, 2)

    assert titles((await caller.call("list_tasks", limit=limit)).content) == ["task 1"]


@pytest.mark.parametrize("limit", [101, 500, "1000", 10**30])
async def test_limit_over_a_hundred_is_a_hundred(caller: Caller, limit: object) -> None:
    await add(caller, 101)

    page = (await caller.call("list_tasks", limit=limit)).content

    assert len(page["tasks"]) == 100
    assert page["next_cursor"] is not None


class TestTotal:
    async def test_counts_all_pages_on_each_of_them(self, caller: Caller) -> None:
        await add(caller, 5)

        first = (await caller.call("list_tasks", limit=3)).content
        second = (await caller.call("list_tasks", limit=3, cursor=first["next_cursor"])).content

        assert (first["total"], second["total"]) == (5, 5)

    async def test_counts_what_the_filter_lets_through(
        self, caller: Caller, stranger: Caller
    ) -> None:
        await add(stranger, 2)
        await add(caller, 12)
        newest = (await caller.call("list_tasks", limit=1)).content["tasks"][0]
        await caller.call("complete_task", task_id=newest["id"])

        filters: list[dict[str, Any]] = [
            {"status": "pending"},
            {"status": "completed"},
            {"query": "task 1"},
        ]
        totals = [
            (await caller.call("list_tasks", limit=1, **which)).content["total"]
            for which in filters
        ]

        assert totals == [11, 1, 3]

    async def test_is_told_where_a_page_holds_nothing_any_more(self, caller: Caller) -> None:
        await add(caller, 3)
        first = (await caller.call("list_tasks", limit=2)).content
        (last,) = (await caller.call("list_tasks", cursor=first["next_cursor"])).content["tasks"]
        await caller.call("delete_task", task_id=last["id"])

        page = (await caller.call("list_tasks", cursor=first["next_cursor"])).content

        assert page == {"tasks": [], "total": 2, "next_cursor": None}


class TestQuery:
    TASKS = (
        ("Buy oat milk", None),
        ("Call the DENTIST", "about the crown, 50% off"),
        ("Müll rausbringen", "Glas und Papier"),
        ("100% done_with it", r"C:\dentist"),
        ("牛乳を買う", None),
    )

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("milk", [0]),
            ("MILK oat", [0]),
            ("dentist", [3, 1]),
            ("dentist crown", [1]),
            ("crown call", [1]),
            ("MÜLL papier", [2]),
            ("牛乳", [4]),
            ("%", [3, 1]),
            ("50%", [1]),
            ("done_with", [3]),
            ("_", [3]),
            ("\\", [3]),
            ("  milk\n", [0]),
            ("milk bread", []),
            ("oatmilk", []),
            ("DENTIST\tabout", [1]),
            ("' OR 1=1 --", []),
        ],
    )
    async def test_each_word_occurs_in_title_or_description(
        self, caller: Caller, stranger: Caller, query: str, found: list[int]
    ) -> None:
        for person in (caller, stranger):
            for title, description in self.TASKS:
                await person.call("add_task", title=title, description=description)

        page = (await caller.call("list_tasks", query=query)).content

        assert titles(page) == [self.TASKS[place][0] for place in found]
        assert page["total"] == len(found)

    async def test_chooses_together_with_status_and_pages(self, caller: Caller) -> None:
        await add(caller, 12)
        for task in (await caller.call("list_tasks", query="1")).content["tasks"][:1]:
            await caller.call("complete_task", task_id=task["id"])
        asked: dict[str, Any] = {"status": "pending", "query": "TASK 1", "limit": 1}

        first = (await caller.call("list_tasks", **asked)).content
        again = asked | {"query": "task  1", "cursor": first["next_cursor"]}
        second = (await caller.call("list_tasks", **again)).content

        assert titles(first) + titles(second) == ["task 10", "task 1"]
        assert (first["total"], second["next_cursor"]) == (2, None)

    @pytest.mark.parametrize(
        "other", [{}, {"status": "pending"}, {"query": "task"}, {"status": "all", "query": "tas"}]
    )
    async def test_cursor_of_another_list_is_refused(
        self, caller: Caller, other: dict[str, Any]
    ) -> None:
        await add(caller, 2)
        lists: list[dict[str, Any]] = [
            {},
            {"status": "pending"},
            {"query": "task"},
            {"status": "pending", "query": "task"},
        ]
        for which in lists:
            page = (await caller.call("list_tasks", limit=1, **which)).content
            answer = await caller.call("list_tasks", cursor=page["next_cursor"], **other)

            assert (answer.code == "ok") is (which == other), which
            assert answer.code == "ok" or "`status` and `query`" in answer.message
