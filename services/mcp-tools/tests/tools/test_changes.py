"""`complete_task`, `update_task` and `delete_task` over HTTP."""

from typing import Any
from uuid import uuid4

import pytest

from ..caller import Caller
from ..rows import Rows

CHANGES: dict[str, dict[str, Any]] = {
    "complete_task": {},
    "delete_task": {},
    "update_task": {"title": "changed"},
}


async def added(caller: Caller, description: str | None = None) -> dict[str, Any]:
    return (await caller.call("add_task", title="buy milk", description=description)).task


@pytest.mark.parametrize("tool", CHANGES)
class TestEveryChange:
    async def test_does_not_reach_a_strangers_task(
        self, caller: Caller, stranger: Caller, rows: Rows, tool: str
    ) -> None:
        task = await added(stranger)
        before = await rows.tasks(stranger.user_id)

        answer = await caller.call(tool, task_id=task["id"], **CHANGES[tool])

        assert answer.code == "not_found"
        assert await rows.tasks(stranger.user_id) == before

    async def test_of_a_task_that_is_not_there_says_how_to_go_on(
        self, caller: Caller, rows: Rows, tool: str
    ) -> None:
        answer = await caller.call(tool, task_id=str(uuid4()), **CHANGES[tool])

        assert answer.content == {
            "code": "not_found",
            "message": "There is no task with this id. Call list_tasks to see the ids.",
        }
        assert (await rows.call(caller.user_id))["error"] == answer.content

    @pytest.mark.parametrize("task_id", ["1", "buy milk", "", None, 5, [], {"id": "x"}])
    async def test_needs_an_id_of_the_right_form(
        self, caller: Caller, tool: str, task_id: object
    ) -> None:
        answer = await caller.call(tool, task_id=task_id, **CHANGES[tool])

        assert answer.code == "invalid_arguments"
        assert answer.message == ("`task_id` must be the id of a task as list_tasks returns it.")

    @pytest.mark.parametrize(
        "spelling", [" {}\n", "{{{}}}", "`{}`", '"{}"', "<{}>.", "#{}", "urn:uuid:{}"]
    )
    @pytest.mark.parametrize("capitals", [False, True])
    async def test_takes_an_id_that_can_be_no_other(
        self, caller: Caller, tool: str, spelling: str, capitals: bool
    ) -> None:
        task = await added(caller)
        task_id = spelling.format(task["id"].upper() if capitals else task["id"])

        assert (await caller.call(tool, task_id=task_id, **CHANGES[tool])).code == "ok"

    @pytest.mark.parametrize("cut", [slice(1, None), slice(-1), slice(8, None)])
    async def test_does_not_guess_at_a_damaged_id(
        self, caller: Caller, tool: str, cut: slice
    ) -> None:
        task = await added(caller)

        answer = await caller.call(tool, task_id=task["id"][cut], **CHANGES[tool])

        assert answer.code == "invalid_arguments"

    async def test_needs_an_id(self, caller: Caller, tool: str) -> None:
        answer = await caller.call(tool, **CHANGES[tool])

        assert answer.code == "invalid_arguments"
        assert "`task_id` is required" in answer.message

    async def test_takes_nothing_else(self, caller: Caller, tool: str) -> None:
        task = await added(caller)

        answer = await caller.call(tool, task_id=task["id"], force=True, **CHANGES[tool])

        assert answer.code == "invalid_arguments"
        assert f"`force` is not a parameter of {tool}" in answer.message


class TestComplete:
    async def test_twice_is_no_error_and_changes_nothing_more(self, caller: Caller) -> None:
        task = await added(caller)

        first = (await caller.call("complete_task", task_id=task["id"])).task
        second = (await caller.call("complete_task", task_id=task["id"])).task

        assert first["completed"] is True
        assert first["updated_at"] > task["updated_at"]
        assert second == first

    async def test_leaves_everything_else(self, caller: Caller) -> None:
        task = await added(caller, description="two litres")

        done = (await caller.call("complete_task", task_id=task["id"])).task

        assert done | {"completed": False, "updated_at": task["updated_at"]} == task


class TestDelete:
    async def test_returns_what_it_deleted(self, caller: Caller, rows: Rows) -> None:
        task = await added(caller)

        answer = await caller.call("delete_task", task_id=task["id"])

        assert answer.content == {"deleted": task}
        assert await rows.tasks(caller.user_id) == []

    async def test_twice_is_not_found(self, caller: Caller) -> None:
        task = await added(caller)
        await caller.call("delete_task", task_id=task["id"])

        assert (await caller.call("delete_task", task_id=task["id"])).code == "not_found"


class TestUpdate:
    @pytest.mark.parametrize(
        "nothing",
        [
            {},
            {"title": None},
            {"completed": None},
            {"title": None, "description": None, "completed": None},
        ],
    )
    async def test_without_a_change_is_refused(
        self, caller: Caller, nothing: dict[str, None]
    ) -> None:
        task = await added(caller)

        answer = await caller.call("update_task", task_id=task["id"], **nothing)

        assert answer.code == "invalid_arguments"
        assert answer.message == (
            "Give at least one of a new `title`, a new `description`, or `completed`."
        )

    @pytest.mark.parametrize(
        "wrong",
        [
            {"title": " "},
            {"title": "x" * 201},
            {"title": "\0"},
            {"title": "\u2060"},
            {"title": "\u202da"},
            {"description": "x" * 2001},
            {"description": "\u200b"},
            {"description": "a\U000e0041"},
            {"completed": False, "title": " "},
            {"title": "a", "completed": "perhaps"},
        ],
    )
    async def test_keeps_the_rules_of_adding(
        self, caller: Caller, rows: Rows, wrong: dict[str, Any]
    ) -> None:
        task = await added(caller)

        answer = await caller.call("update_task", task_id=task["id"], **wrong)

        assert answer.code == "invalid_arguments"
        (row,) = await rows.tasks(caller.user_id)
        assert row["title"] == "buy milk"

    async def test_title_alone_keeps_the_description(self, caller: Caller) -> None:
        task = await added(caller, description="two litres")

        changed = (
            await caller.call("update_task", task_id=task["id"], title=" buy oat milk ")
        ).task

        assert (changed["title"], changed["description"]) == ("buy oat milk", "two litres")
        assert changed["updated_at"] > changed["created_at"] == task["created_at"]

    async def test_null_beside_a_change_is_left_out(self, caller: Caller) -> None:
        task = await added(caller, description="two litres")

        changed = (
            await caller.call("update_task", task_id=task["id"], title="oats", description=None)
        ).task

        assert (changed["title"], changed["description"]) == ("oats", "two litres")

    async def test_description_alone_keeps_the_title(self, caller: Caller) -> None:
        task = await added(caller)

        changed = (await caller.call("update_task", task_id=task["id"], description="two")).task

        assert (changed["title"], changed["description"]) == ("buy milk", "two")

    @pytest.mark.parametrize("empty", ["", "  "])
    async def test_empty_description_removes_it(self, caller: Caller, empty: str) -> None:
        task = await added(caller, description="two litres")

        changed = (await caller.call("update_task", task_id=task["id"], description=empty)).task

        assert changed["description"] is None

    async def test_both_at_once(self, caller: Caller) -> None:
        task = await added(caller)

        changed = (
            await caller.call("update_task", task_id=task["id"], title="a", description="b")
        ).task

        assert (changed["title"], changed["description"]) == ("a", "b")
