"""The statements that the tools really send use the indexes, at 200,000 tasks of 1,000 users."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from mcp_tools.tasks.cursor import Cursor
from mcp_tools.tasks.repository import Filter, TaskRepository
from mcp_tools.tool_calls.calls import IdempotencyKey, Outcome, ToolCall
from mcp_tools.tool_calls.repository import ToolCallRepository
from servicekit.clock import now
from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database
from sqlalchemy import event

from .conftest import Databases

USERS, TASKS_EACH = 1_000, 200
INDEXES_OF_A_USER = {"task_pkey", "task_newest_first", "task_by_status"}
FILL = f"""
    INSERT INTO tasks.task (user_id, id, title, completed, created_at, updated_at)
    SELECT md5('user ' || u)::uuid, gen_random_uuid(), 'task ' || t, t % 2 = 0,
           now() - make_interval(secs => u + t * {USERS}), now()
    FROM generate_series(1, {USERS}) u, generate_series(1, {TASKS_EACH}) t;
    INSERT INTO tasks.tool_call (user_id, id, turn_id, ordinal, name, arguments, status, output,
                                 duration_ms)
    SELECT user_id, id, gen_random_uuid(), 0, 'add_task', '{{}}', 'ok', '{{}}', 1 FROM tasks.task;
    ANALYZE tasks.task;
    ANALYZE tasks.tool_call;
"""


@pytest.fixture(scope="module")
def filled(databases: Databases) -> Iterator[UUID]:
    """Many tasks and calls, for as long as this module runs; gives one of their users."""
    databases.server.query(FILL, database="taskchat")
    user_id = databases.server.query("SELECT md5('user 500')::uuid", database="taskchat")
    yield UUID(user_id)
    databases.server.query("TRUNCATE tasks.task, tasks.tool_call", database="taskchat")


class Explainer:
    """Runs repository methods and explains what they sent, as the service's role."""

    def __init__(self, databases: Databases, user_id: UUID) -> None:
        self.user_id = user_id
        self.engine = create_engine(databases.service_url, application_name="tests")
        self.database = Database(self.engine)
        self.sent: list[tuple[str, Any]] = []
        event.listen(self.engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, *details: Any) -> None:
        statement, parameters = details[2:4]
        if " tasks." in statement:
            self.sent.append((statement, parameters))

    async def plan_of_last(self, transaction: Any) -> str:
        """The plan of the last statement, as text."""
        statement, parameters = self.sent[-1]
        connection = await transaction.session.connection()
        explained = await connection.exec_driver_sql(
            f"EXPLAIN (FORMAT JSON) {statement}", parameters
        )
        plan = explained.scalar()
        return json.dumps(plan) if not isinstance(plan, str) else plan


@pytest.fixture
async def explainer(databases: Databases, filled: UUID) -> AsyncIterator[Explainer]:
    explainer = Explainer(databases, filled)
    yield explainer
    await explainer.engine.dispose()


def assert_index(plan: str, index: str) -> None:
    assert f'"Index Name": "{index}"' in plan, plan
    assert '"Seq Scan"' not in plan
    assert '"Sort"' not in plan


@pytest.mark.parametrize(
    ("completed", "index"),
    [(None, "task_newest_first"), (False, "task_by_status"), (True, "task_by_status")],
)
@pytest.mark.parametrize("positioned", [False, True])
async def test_list(
    explainer: Explainer, completed: bool | None, index: str, positioned: bool
) -> None:
    after = Cursor(now(), uuid4()) if positioned else None
    async with explainer.database.user_transaction(explainer.user_id) as transaction:
        tasks = TaskRepository(transaction)
        found, total = await tasks.newest(Filter(completed, ()), after=after, limit=51)
        plan = await explainer.plan_of_last(transaction)

    assert len(found) == 51
    assert total == TASKS_EACH if completed is None else total == TASKS_EACH // 2
    assert_index(plan, index)


@pytest.mark.parametrize("completed", [None, False, True])
@pytest.mark.parametrize("positioned", [False, True])
@pytest.mark.parametrize("words", [("task",), ("TASK", "17"), ("nowhere",)])
async def test_search_reads_one_persons_tasks_and_filters_them(
    explainer: Explainer, completed: bool | None, positioned: bool, words: tuple[str, ...]
) -> None:
    """No index knows words: what a person's own index finds is read, and nobody else's row."""
    after = Cursor(now(), uuid4()) if positioned else None
    async with explainer.database.user_transaction(explainer.user_id) as transaction:
        tasks = TaskRepository(transaction)
        await tasks.newest(Filter(completed, words), after=after, limit=51)
        plan = await explainer.plan_of_last(transaction)

    assert set(re.findall('"Index Name": "([a-z_]+)"', plan)) <= INDEXES_OF_A_USER
    assert '"Seq Scan"' not in plan


async def test_number_of_an_empty_page_is_counted_by_an_index(explainer: Explainer) -> None:
    after = Cursor(datetime(2000, 1, 1, tzinfo=UTC), uuid4())
    async with explainer.database.user_transaction(explainer.user_id) as transaction:
        tasks = TaskRepository(transaction)
        assert await tasks.newest(Filter(False, ()), after=after, limit=51) == ([], TASKS_EACH // 2)
        plan = await explainer.plan_of_last(transaction)

    assert_index(plan, "task_by_status")


async def test_complete_update_and_delete(explainer: Explainer) -> None:
    async with explainer.database.user_transaction(explainer.user_id) as transaction:
        tasks = TaskRepository(transaction)
        (task,), _ = await tasks.newest(Filter(False, ()), after=None, limit=1)
        for change in (
            tasks.mark(task.id, completed=True),
            tasks.update(task.id, {"title": "a", "completed": False}),
            tasks.delete(task.id),
        ):
            assert await change is not None
            assert_index(await explainer.plan_of_last(transaction), "task_pkey")


async def test_repeated_call_finds_its_row(explainer: Explainer) -> None:
    call = ToolCall("add_task", {}, IdempotencyKey(uuid4(), 0), None, None, None)
    async with explainer.database.user_transaction(explainer.user_id) as transaction:
        calls = ToolCallRepository(transaction)
        call_id = uuid4()
        assert await calls.insert(call_id, call, Outcome({}, None), 1.0)
        assert not await calls.insert(uuid4(), call, Outcome({}, None), 1.0)
        assert (await calls.earlier(uuid4(), call)).id == call_id
        plan = await explainer.plan_of_last(transaction)

    assert "tool_call_once" in plan
    assert '"Seq Scan"' not in plan
