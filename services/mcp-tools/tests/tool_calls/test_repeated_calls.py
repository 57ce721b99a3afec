"""A call with an idempotency key takes place once. ADR 0006."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from ..caller import Caller, key
from ..rows import Rows


class TestRepeated:
    async def test_twenty_at_once_have_one_effect_and_one_answer(
        self, caller: Caller, rows: Rows
    ) -> None:
        meta = key()

        answers = await asyncio.gather(
            *(caller.call("add_task", meta=meta, title="buy milk") for _ in range(20))
        )

        assert len(await rows.tasks(caller.user_id)) == 1
        assert len(await rows.calls(caller.user_id)) == 1
        assert all(answer.content == answers[0].content for answer in answers)
        assert len({answer.call_id for answer in answers}) == 1
        assert [answer.replayed for answer in answers].count(False) == 1

    async def test_twenty_deletes_at_once_all_return_the_task(
        self, caller: Caller, rows: Rows
    ) -> None:
        task = (await caller.call("add_task", title="buy milk")).task
        meta = key()

        answers = await asyncio.gather(
            *(caller.call("delete_task", meta=meta, task_id=task["id"]) for _ in range(20))
        )

        assert [answer.content for answer in answers] == [{"deleted": task}] * 20
        assert len(await rows.calls(caller.user_id)) == 2

    async def test_later_call_is_answered_from_the_row_though_the_world_moved_on(
        self, caller: Caller, rows: Rows
    ) -> None:
        meta = key()
        first = await caller.call("add_task", meta=meta, title="buy milk")
        await caller.call("delete_task", task_id=first.task["id"])

        again = await caller.call("add_task", meta=meta, title="buy milk")

        assert again.replayed
        assert again.content == first.content
        assert (
            again.meta["taskchat/tool-call"]["duration_ms"]
            == (first.meta["taskchat/tool-call"]["duration_ms"])
        )
        assert await rows.tasks(caller.user_id) == []

    @pytest.mark.parametrize("wrong", [{"title": ""}, {"title": "a", "due": "today"}, {}])
    async def test_invalid_arguments_are_replayed(
        self, caller: Caller, rows: Rows, wrong: dict[str, str]
    ) -> None:
        meta = key()
        first = await caller.call("add_task", meta=meta, **wrong)

        again = await caller.call("add_task", meta=meta, **wrong)

        assert again.replayed
        assert again.content == first.content
        assert len(await rows.calls(caller.user_id)) == 1

    async def test_not_found_is_replayed_as_a_fact_about_that_moment(
        self, caller: Caller, superuser: asyncpg.Connection, rows: Rows
    ) -> None:
        task = (await caller.call("add_task", title="buy milk")).task
        missing, meta = uuid4(), key()
        first = await caller.call("complete_task", meta=meta, task_id=str(missing))
        await superuser.execute(
            "UPDATE tasks.task SET id = $1 WHERE user_id = $2", missing, caller.user_id
        )

        again = await caller.call("complete_task", meta=meta, task_id=str(missing))

        assert first.code == "not_found"
        assert again.replayed
        assert again.content == first.content
        assert task["completed"] is False
        assert len(await rows.calls(caller.user_id)) == 2

    async def test_twenty_failures_at_once_leave_one_row(self, caller: Caller, rows: Rows) -> None:
        meta, missing = key(), str(uuid4())

        answers = await asyncio.gather(
            *(caller.call("complete_task", meta=meta, task_id=missing) for _ in range(20))
        )

        assert {answer.code for answer in answers} == {"not_found"}
        assert len({answer.call_id for answer in answers}) == 1
        assert len(await rows.calls(caller.user_id)) == 1

    async def test_other_ordinals_and_other_turns_are_other_calls(
        self, caller: Caller, rows: Rows
    ) -> None:
        turn_id = uuid4()
        for meta in (key(turn_id, 0), key(turn_id, 1), key(uuid4(), 0)):
            assert not (await caller.call("add_task", meta=meta, title="x")).replayed

        assert len(await rows.tasks(caller.user_id)) == 3

    async def test_same_key_of_somebody_else_is_another_call(
        self, caller: Caller, stranger: Caller
    ) -> None:
        meta = key()
        first = await caller.call("add_task", meta=meta, title="mine")

        other = await stranger.call("add_task", meta=meta, title="mine")

        assert not other.replayed
        assert other.task["id"] != first.task["id"]


class TestKeyOfAnotherCall:
    @pytest.mark.parametrize(
        ("tool", "arguments"),
        [
            ("add_task", {"title": "other"}),
            ("add_task", {"title": "buy milk", "description": "two"}),
            ("list_tasks", {}),
            ("list_tasks", {"title": "buy milk"}),
            ("no_such_tool", {"title": "buy milk"}),
        ],
    )
    async def test_is_refused_and_recorded_without_the_key(
        self, caller: Caller, rows: Rows, tool: str, arguments: dict[str, str]
    ) -> None:
        meta = key()
        await caller.call("add_task", meta=meta, title="buy milk")

        answer = await caller.call(tool, meta=meta, **arguments)

        assert answer.code == "invalid_arguments"
        assert not answer.replayed
        first, second = await rows.calls(caller.user_id)
        assert (first["status"], first["arguments"]) == ("ok", {"title": "buy milk"})
        assert (second["id"], second["turn_id"]) == (answer.call_id, None)
        assert second["error"] == answer.content
        assert len(await rows.tasks(caller.user_id)) == 1

    async def test_says_what_to_do(self, caller: Caller) -> None:
        meta = key()
        await caller.call("add_task", meta=meta, title="a")

        answer = await caller.call("add_task", meta=meta, title="b")

        assert "Use a new one for each call" in answer.message

    async def test_user_id_is_an_argument_too(
        self, caller: Caller, stranger: Caller, rows: Rows
    ) -> None:
        meta = key()
        await caller.call("add_task", meta=meta, title="mine")

        answer = await caller.call_as(stranger.user_id, "add_task", meta=meta, title="mine")

        assert answer.code == "forbidden"
        assert not answer.replayed
        assert len(await rows.calls(caller.user_id)) == 2

    async def test_forbidden_call_does_not_keep_the_right_one_from_being_told(
        self, caller: Caller, stranger: Caller, rows: Rows
    ) -> None:
        meta = key()
        forbidden = await caller.call_as(stranger.user_id, "add_task", meta=meta, title="mine")

        again = await caller.call_as(stranger.user_id, "add_task", meta=meta, title="mine")
        right = await caller.call("add_task", meta=meta, title="mine")

        assert again.replayed
        assert again.content == forbidden.content
        assert right.code == "invalid_arguments"
        assert await rows.tasks(caller.user_id) == []


class TestUnavailable:
    async def unavailable(self, caller: Caller, superuser: asyncpg.Connection) -> dict[str, object]:
        """Meta of a call that could not be run, and whose row says so."""
        meta = key()
        async with superuser.transaction():
            # Whoever wants to insert waits for us, longer than the role's lock_timeout.
            await superuser.execute("LOCK TABLE tasks.task IN EXCLUSIVE MODE")
            answer = await caller.call("add_task", meta=meta, title="buy milk")
        assert answer.code == "unavailable"
        return meta

    async def test_is_recorded_and_run_again_under_the_same_row(
        self, caller: Caller, superuser: asyncpg.Connection, rows: Rows
    ) -> None:
        meta = await self.unavailable(caller, superuser)
        before = await rows.call(caller.user_id)

        answers = await asyncio.gather(
            *(caller.call("add_task", meta=meta, title="buy milk") for _ in range(10))
        )

        assert before["error"]["code"] == "unavailable"
        assert [answer.code for answer in answers] == ["ok"] * 10
        assert [answer.replayed for answer in answers].count(False) == 1
        row = await rows.call(caller.user_id)
        assert (row["id"], row["status"], row["error"]) == (before["id"], "ok", None)
        assert row["output"] == answers[0].content
        assert len(await rows.tasks(caller.user_id)) == 1

    async def test_may_fail_by_a_rule_when_it_is_run_again(
        self, caller: Caller, superuser: asyncpg.Connection, rows: Rows
    ) -> None:
        task = (await caller.call("add_task", title="buy milk")).task
        meta = key()
        async with superuser.transaction():
            await superuser.execute("LOCK TABLE tasks.task IN EXCLUSIVE MODE")
            first = await caller.call("complete_task", meta=meta, task_id=task["id"])
        await caller.call("delete_task", task_id=task["id"])

        again = await caller.call("complete_task", meta=meta, task_id=task["id"])
        replay = await caller.call("complete_task", meta=meta, task_id=task["id"])

        assert (first.code, again.code, replay.code) == ("unavailable", "not_found", "not_found")
        assert (again.replayed, replay.replayed) == (False, True)
        (row,) = [row for row in await rows.calls(caller.user_id) if row["name"] == "complete_task"]
        assert row["error"] == again.content
