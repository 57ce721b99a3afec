"""Somebody who speaks SQL with a service's own password: other users' rows and other powers."""

import contextlib

import asyncpg
import pytest
from devstack.deployment import Kind
from devstack.stack import Stack

from tests.conftest import Connect
from tests.equipment.chat import User
from tests.equipment.database import DatabaseView
from tests.isolation.conftest import Treasure

OWN_TABLES: tuple[tuple[Kind, str], ...] = (
    ("chat-gateway", "chat.conversation"),
    ("chat-gateway", "chat.message"),
    ("chat-gateway", "chat.turn"),
    ("chat-gateway", "chat.feedback"),
    ("chat-gateway", "chat.daily_use"),
    ("mcp-tools", "tasks.task"),
    ("mcp-tools", "tasks.tool_call"),
)
SERVICES: tuple[Kind, ...] = ("chat-gateway", "mcp-tools")
POWERS: tuple[tuple[Kind, str], ...] = (
    *((service, "SET ROLE taskchat_owner") for service in SERVICES),
    *((service, "SET ROLE postgres") for service in SERVICES),
    *((service, "SET SESSION AUTHORIZATION postgres") for service in SERVICES),
    ("chat-gateway", "SET ROLE mcp_tools"),
    ("mcp-tools", "SET ROLE chat_gateway"),
    ("chat-gateway", "ALTER TABLE chat.message DISABLE ROW LEVEL SECURITY"),
    ("mcp-tools", "ALTER TABLE tasks.task NO FORCE ROW LEVEL SECURITY"),
    ("mcp-tools", "ALTER TABLE tasks.task OWNER TO mcp_tools"),
    ("mcp-tools", "CREATE POLICY open ON tasks.task USING (true)"),
    ("chat-gateway", "DROP TABLE chat.message"),
    ("mcp-tools", "TRUNCATE tasks.task"),
    ("mcp-tools", "CREATE TABLE tasks.x (id int)"),
    ("mcp-tools", "CREATE TABLE public.x (id int)"),
    ("mcp-tools", "CREATE TEMPORARY TABLE x (id int)"),
    ("mcp-tools", "CREATE SCHEMA x"),
    ("mcp-tools", "CREATE FUNCTION tasks.f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    ("mcp-tools", "CREATE ROLE x"),
    ("mcp-tools", "ALTER ROLE mcp_tools BYPASSRLS"),
    ("mcp-tools", "ALTER ROLE chat_gateway PASSWORD 'x'"),
    ("mcp-tools", "GRANT mcp_tools TO chat_gateway"),
    ("mcp-tools", "COPY tasks.task TO PROGRAM 'cat'"),
    ("mcp-tools", "COPY tasks.task TO '/tmp/x'"),
    ("mcp-tools", "SELECT pg_read_file('/etc/passwd')"),
    ("mcp-tools", "SELECT * FROM pg_authid"),
    ("mcp-tools", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"),
    ("mcp-tools", "ALTER SYSTEM SET log_statement = 'all'"),
    ("mcp-tools", "DO $$ BEGIN LOCK TABLE chat.turn IN ACCESS EXCLUSIVE MODE; END $$"),
)


@pytest.mark.parametrize(("service", "table"), OWN_TABLES)
@pytest.mark.parametrize("user", [None, "", "stranger"])
async def test_nobodys_and_strangers_transactions_see_no_row(
    stack: Stack,
    treasure: Treasure,
    stranger: User,
    connect: Connect,
    service: Kind,
    table: str,
    user: str | None,
) -> None:
    """Without the setting, with an empty one, and with a stranger's: nothing of the victim."""
    connection = await connect(service)
    async with connection.transaction():
        if user is not None:
            value = str(stranger.user_id) if user == "stranger" else user
            await connection.execute("SELECT set_config('app.user_id', $1, true)", value)

        assert await connection.fetch(f"SELECT * FROM {table}") == []
        assert (
            await connection.fetch(
                f"SELECT * FROM {table} WHERE user_id = $1", treasure.owner.user_id
            )
            == []
        )


@pytest.mark.parametrize(("service", "table"), OWN_TABLES)
async def test_owners_transaction_sees_the_rows(
    stack: Stack, treasure: Treasure, connect: Connect, service: Kind, table: str
) -> None:
    """The good case of the same statement, so that an empty table proves nothing."""
    connection = await connect(service)
    async with connection.transaction():
        owner = str(treasure.owner.user_id)
        await connection.execute("SELECT set_config('app.user_id', $1, true)", owner)

        rows = await connection.fetch(f"SELECT user_id FROM {table}")

    assert {row["user_id"] for row in rows} == {treasure.owner.user_id}


@pytest.mark.parametrize(("service", "table"), OWN_TABLES)
async def test_row_cannot_be_given_to_another(
    stack: Stack,
    treasure: Treasure,
    stranger: User,
    connect: Connect,
    database: DatabaseView,
    service: Kind,
    table: str,
) -> None:
    """Refused by the policy or for want of a right; of a final tool call, no row is found."""
    connection = await connect(service)
    with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
        async with connection.transaction():
            owner = str(treasure.owner.user_id)
            await connection.execute("SELECT set_config('app.user_id', $1, true)", owner)
            await connection.execute(f"UPDATE {table} SET user_id = $1", stranger.user_id)

    assert await database.rows_of(stranger.user_id) == {}


KEPT: tuple[tuple[Kind, str], ...] = (
    ("mcp-tools", "tasks.tool_call"),
    ("chat-gateway", "chat.daily_use"),
)
"""Where the service may delete of erased people alone (ADR 0037)."""


@pytest.mark.parametrize(("service", "table"), OWN_TABLES)
async def test_everything_that_can_be_deleted_is_ones_own(
    treasure: Treasure,
    stranger: User,
    connect: Connect,
    database: DatabaseView,
    service: Kind,
    table: str,
) -> None:
    before = await database.rows_of(treasure.owner.user_id)
    connection = await connect(service)
    async with connection.transaction():
        await connection.execute(
            "SELECT set_config('app.user_id', $1, true)", str(stranger.user_id)
        )
        assert await connection.execute(f"DELETE FROM {table}") == "DELETE 0"

    assert await database.rows_of(treasure.owner.user_id) == before


@pytest.mark.parametrize(("service", "table"), KEPT)
async def test_what_is_on_record_of_somebody_who_is_there_stays(
    treasure: Treasure, connect: Connect, database: DatabaseView, service: Kind, table: str
) -> None:
    before = await database.rows_of(treasure.owner.user_id)
    assert before[table] >= 1
    connection = await connect(service)
    async with connection.transaction():
        owner = str(treasure.owner.user_id)
        await connection.execute("SELECT set_config('app.user_id', $1, true)", owner)
        assert await connection.execute(f"DELETE FROM {table}") == "DELETE 0"

    assert await database.rows_of(treasure.owner.user_id) == before


@pytest.mark.parametrize(("service", "table"), OWN_TABLES)
async def test_policy_cannot_be_switched_off_by_a_setting(
    stack: Stack, treasure: Treasure, connect: Connect, service: Kind, table: str
) -> None:
    """`row_security = off` makes Postgres refuse a query that a policy would narrow."""
    connection = await connect(service)
    await connection.execute("SET row_security = off")

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await connection.fetch(f"SELECT * FROM {table}")


@pytest.mark.parametrize(("service", "statement"), POWERS)
async def test_service_cannot_take_a_power_that_it_has_not(
    stack: Stack, connect: Connect, service: Kind, statement: str
) -> None:
    connection = await connect(service)

    with pytest.raises(asyncpg.PostgresError) as refused:
        await connection.execute(statement)

    assert isinstance(refused.value, asyncpg.InsufficientPrivilegeError), refused.value


async def test_setting_ends_with_its_transaction(
    stack: Stack, treasure: Treasure, tools_role: asyncpg.Connection
) -> None:
    """What the pooler hands to the next client has forgotten whose it was."""
    async with tools_role.transaction():
        owner = str(treasure.owner.user_id)
        await tools_role.execute("SELECT set_config('app.user_id', $1, true)", owner)
        assert await tools_role.fetch("SELECT 1 FROM tasks.task")

    assert await tools_role.fetch("SELECT 1 FROM tasks.task") == []


@pytest.mark.parametrize("service", ["chat-gateway", "mcp-tools"])
async def test_running_services_leave_no_user_on_their_connections(
    stack: Stack, treasure: Treasure, connect: Connect, service: Kind
) -> None:
    """A new session of the role knows no user either: nothing was set for the role itself."""
    connection = await connect(service)

    assert await connection.fetchval("SELECT current_setting('app.user_id', true)") in {None, ""}
