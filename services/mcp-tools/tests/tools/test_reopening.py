"""`update_task` with `completed`: a task that was ticked by mistake is open again."""

from typing import Any

import pytest

from ..caller import Caller, key
from ..rows import Rows

WRONG = "`completed` must be true (the task is done) or false (it is open again)."


async def added(caller: Caller, *, done: bool) -> dict[str, Any]:
    task = (await caller.call("add_task", title="buy milk", description="two litres")).task
    return (await caller.call("complete_task", task_id=task["id"])).task if done else task


@pytest.mark.parametrize("wanted", [True, False])
class TestCompletedAlone:
    async def test_changes_nothing_else(self, caller: Caller, wanted: bool) -> None:
        task = await added(caller, done=not wanted)

        changed = (await caller.call("update_task", task_id=task["id"], completed=wanted)).task

        assert changed["completed"] is wanted
        assert changed["updated_at"] > task["updated_at"]
        assert changed | {"completed": not wanted, "updated_at": task["updated_at"]} == task

    async def test_of_what_is_so_already_is_no_error_and_changes_nothing(
        self, caller: Caller, wanted: bool
    ) -> None:
        task = await added(caller, done=wanted)

        assert (await caller.call("update_task", task_id=task["id"], completed=wanted)).task == task

    async def test_does_not_reach_a_strangers_task(
        self, caller: Caller, stranger: Caller, rows: Rows, wanted: bool
    ) -> None:
        task = await added(stranger, done=not wanted)
        before = await rows.tasks(stranger.user_id)

        answer = await caller.call("update_task", task_id=task["id"], completed=wanted)

        assert answer.code == "not_found"
        assert await rows.tasks(stranger.user_id) == before


async def test_task_is_listed_where_it_belongs_again(caller: Caller) -> None:
    task = await added(caller, done=True)

    await caller.call("update_task", task_id=task["id"], completed=False)

    pending = (await caller.call("list_tasks", status="pending")).content
    completed = (await caller.call("list_tasks", status="completed")).content
    assert [one["id"] for one in pending["tasks"]] == [task["id"]]
    assert completed["tasks"] == []


async def test_title_and_completed_at_once(caller: Caller) -> None:
    task = await added(caller, done=True)

    changed = (
        await caller.call("update_task", task_id=task["id"], title="oats", completed=False)
    ).task

    assert (changed["title"], changed["completed"]) == ("oats", False)
    assert changed["description"] == "two litres"


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("beside", [{}, {"completed": None}])
async def test_other_changes_leave_it_as_it_is(
    caller: Caller, done: bool, beside: dict[str, None]
) -> None:
    task = await added(caller, done=done)

    changed = (await caller.call("update_task", task_id=task["id"], title="oats", **beside)).task

    assert changed["completed"] is done


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("true", True),
        (" False\n", False),
        ("TRUE", True),
        ("no", False),
        (1, True),
        (0, False),
        (0.0, False),
        ("0", False),
    ],
)
async def test_what_can_mean_one_thing_only_is_taken(
    caller: Caller, spelled: object, meant: bool
) -> None:
    task = await added(caller, done=not meant)

    changed = (await caller.call("update_task", task_id=task["id"], completed=spelled)).task

    assert changed["completed"] is meant


@pytest.mark.parametrize(
    "spelled", ["", " ", "done", "pending", "null", 2, -1, 0.5, [], [False], {}, {"completed": 1}]
)
async def test_anything_else_is_refused_with_the_rule(
    caller: Caller, rows: Rows, spelled: object
) -> None:
    task = await added(caller, done=True)

    answer = await caller.call("update_task", task_id=task["id"], title="oats", completed=spelled)

    assert answer.content == {"code": "invalid_arguments", "message": WRONG}
    (row,) = await rows.tasks(caller.user_id)
    assert (row["title"], row["completed"]) == ("buy milk", True)
    assert (await rows.calls(caller.user_id))[-1]["arguments"]["completed"] == spelled


async def test_is_no_parameter_of_the_other_tools(caller: Caller) -> None:
    task = await added(caller, done=True)

    for tool, given in (("add_task", {"title": "a"}), ("complete_task", {"task_id": task["id"]})):
        answer = await caller.call(tool, completed=False, **given)
        assert answer.code == "invalid_arguments"
        assert f"`completed` is not a parameter of {tool}" in answer.message


async def test_repeated_call_is_its_row_and_reopens_once(caller: Caller, rows: Rows) -> None:
    task = await added(caller, done=True)
    meta = key()
    first = await caller.call("update_task", meta=meta, task_id=task["id"], completed=False)
    await caller.call("complete_task", task_id=task["id"])

    second = await caller.call("update_task", meta=meta, task_id=task["id"], completed=False)

    assert (second.replayed, second.content) == (True, first.content)
    (row,) = await rows.tasks(caller.user_id)
    assert row["completed"] is True


async def test_same_key_for_the_other_way_is_refused(caller: Caller) -> None:
    task = await added(caller, done=True)
    meta = key()
    await caller.call("update_task", meta=meta, task_id=task["id"], completed=False)

    other = await caller.call("update_task", meta=meta, task_id=task["id"], completed=True)

    assert other.code == "invalid_arguments"
    assert "idempotency key" in other.message
