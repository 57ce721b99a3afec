"""What the service's role can do in Postgres, tried with its own password. ADR 0002, law 5."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
import pytest
from asyncpg import InsufficientPrivilegeError

from .caller import Caller, key
from .conftest import Databases
from .rows import Rows

SET_USER = "SELECT set_config('app.user_id', $1, true)"


@pytest.fixture
async def service_role(databases: Databases) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(databases.service_url)
    yield connection
    await connection.close()


@asynccontextmanager
async def acting_for(connection: asyncpg.Connection, user_id: UUID) -> AsyncIterator[None]:
    """A transaction of a user that is rolled back at the end."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(SET_USER, str(user_id))
        yield
    finally:
        await transaction.rollback()


async def test_role_has_no_power_of_its_own(superuser: asyncpg.Connection) -> None:
    role = await superuser.fetchrow("SELECT * FROM pg_roles WHERE rolname = 'mcp_tools'")
    owned = await superuser.fetchval(
        "SELECT count(*) FROM pg_class WHERE relowner = 'mcp_tools'::regrole"
    )

    powers = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")
    assert not any(role[power] for power in powers)
    assert owned == 0


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE tasks.task",
        "TRUNCATE tasks.tool_call",
        "DELETE FROM tasks.erased_person",
        "UPDATE tasks.erased_person SET erased_at = now()",
        "DROP TABLE tasks.task",
        "ALTER TABLE tasks.task DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE tasks.other ()",
        "CREATE TABLE public.other ()",
        "CREATE SCHEMA other",
        "SELECT * FROM tasks.alembic_version",
        "SET ROLE taskchat_owner",
        "SET SESSION AUTHORIZATION postgres",
    ],
)
async def test_role_may_not(service_role: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(InsufficientPrivilegeError):
        await service_role.execute(statement)


async def test_every_table_with_a_user_forces_row_level_security(
    superuser: asyncpg.Connection,
) -> None:
    tables = await superuser.fetch(
        "SELECT relname, relrowsecurity AND relforcerowsecurity AS forced FROM pg_class"
        " WHERE relnamespace = 'tasks'::regnamespace AND relkind = 'r' ORDER BY relname"
    )

    assert {row["relname"]: row["forced"] for row in tables} == {
        "alembic_version": False,
        "erased_person": True,
        "task": True,
        "tool_call": True,
    }


class TestWithoutTheOtherBorders:
    """Law 5: token and argument stand aside; row-level security alone must hold."""

    async def test_no_user_sees_nothing(
        self, caller: Caller, service_role: asyncpg.Connection
    ) -> None:
        await caller.call("add_task", title="private")

        for table in ("tasks.task", "tasks.tool_call"):
            assert await service_role.fetchval(f"SELECT count(*) FROM {table}") == 0

    async def test_another_user_sees_changes_and_deletes_nothing(
        self, caller: Caller, stranger: Caller, service_role: asyncpg.Connection
    ) -> None:
        await caller.call("add_task", title="private")

        async with acting_for(service_role, stranger.user_id):
            assert await service_role.fetch("SELECT * FROM tasks.task") == []
            assert await service_role.fetch("SELECT * FROM tasks.tool_call") == []
            assert await service_role.execute("UPDATE tasks.task SET title = 'x'") == "UPDATE 0"
            assert await service_role.execute("DELETE FROM tasks.task") == "DELETE 0"

    async def test_row_cannot_be_written_for_another_user(
        self, caller: Caller, stranger: Caller, service_role: asyncpg.Connection
    ) -> None:
        with pytest.raises(InsufficientPrivilegeError, match="row-level security"):
            async with acting_for(service_role, stranger.user_id):
                await service_role.execute(
                    "INSERT INTO tasks.task (user_id, id, title, completed)"
                    " VALUES ($1, $2, 'planted', false)",
                    caller.user_id,
                    uuid4(),
                )

    async def test_row_cannot_be_given_away(
        self, caller: Caller, stranger: Caller, service_role: asyncpg.Connection
    ) -> None:
        await caller.call("add_task", title="mine")

        with pytest.raises(InsufficientPrivilegeError, match="row-level security"):
            async with acting_for(service_role, caller.user_id):
                await service_role.execute("UPDATE tasks.task SET user_id = $1", stranger.user_id)

    async def test_setting_ends_with_its_transaction(
        self, caller: Caller, service_role: asyncpg.Connection
    ) -> None:
        await caller.call("add_task", title="mine")
        async with acting_for(service_role, caller.user_id):
            assert await service_role.fetchval("SELECT count(*) FROM tasks.task") == 1

        assert await service_role.fetchval("SELECT count(*) FROM tasks.task") == 0


class TestRecordedOutcomes:
    async def test_final_ones_cannot_be_changed_even_by_the_service(
        self, caller: Caller, service_role: asyncpg.Connection, rows: Rows
    ) -> None:
        await caller.call("add_task", meta=key(), title="x")
        await caller.call("add_task", meta=key(), title="")
        before = await rows.calls(caller.user_id)

        async with acting_for(service_role, caller.user_id):
            changed = await service_role.execute("UPDATE tasks.tool_call SET duration_ms = 0")
            locked = await service_role.fetch("SELECT id FROM tasks.tool_call FOR UPDATE")

        assert (changed, locked) == ("UPDATE 0", [])
        assert await rows.calls(caller.user_id) == before

    async def test_the_unfinished_can_be_finished(
        self, caller: Caller, service_role: asyncpg.Connection
    ) -> None:
        async with acting_for(service_role, caller.user_id):
            await service_role.execute(
                "INSERT INTO tasks.tool_call"
                " (user_id, id, name, arguments, status, error, duration_ms)"
                " VALUES ($1, $2, 'x', '{}', 'error', '{\"code\": \"unavailable\"}', 0)",
                caller.user_id,
                uuid4(),
            )
            finish = "UPDATE tasks.tool_call SET status = 'ok', output = '{}', error = NULL"
            assert await service_role.execute(finish) == "UPDATE 1"
            assert await service_role.execute(finish) == "UPDATE 0"
