"""Everything works through PgBouncer in transaction mode, which is what Neon's pooler is."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import asyncpg
import pytest
from devstack.people import Person
from devstack.stack import Stack, base_url

from tests.equipment.chat import User, answer, say
from tests.equipment.database import DatabaseView
from tests.equipment.pgbouncer import MISSING, SERVER_CONNECTIONS, pgbouncer, program

PEOPLE = 6
TURNS_EACH = 5

pytestmark = pytest.mark.skipif(program() is None, reason=MISSING)


@pytest.fixture(scope="module")
def pooled(stack: Stack) -> Iterator[dict[str, str]]:
    """Base URLs of an auth and a gateway that, as their mcp-tools, reach Postgres by PgBouncer.

    `tools_database` is the pooler itself, as mcp-tools sees it.
    """
    kinds = ("auth", "mcp-tools", "chat-gateway")
    direct = {kind: stack.env(kind)["DATABASE_URL"] for kind in kinds}
    with ExitStack() as opened:
        urls = opened.enter_context(pgbouncer(stack.log_dir.parent / "pgbouncer", direct))
        tools = stack.add_process("mcp-tools", "mcp-tools-pooled", DATABASE_URL=urls["mcp-tools"])
        gateway = stack.add_process(
            "chat-gateway",
            "chat-gateway-pooled",
            DATABASE_URL=urls["chat-gateway"],
            MCP_URL=f"{base_url(tools)}/mcp",
        )
        auth = stack.add_process("auth", "auth-pooled", DATABASE_URL=urls["auth"])
        yield {
            "auth": base_url(auth),
            "gateway": base_url(gateway),
            "tools_database": urls["mcp-tools"],
        }


async def test_concurrent_turns_share_server_connections_and_nobody_sees_another(
    pooled: dict[str, str], database: DatabaseView
) -> None:
    people = [await Person.sign_up(pooled["auth"]) for _ in range(PEOPLE)]

    async def converse(person: Person) -> list[str]:
        """Add tasks of one's own, then ask for all."""
        user = User(person.user_id, await person.token())
        titles = [f"water plant {uuid4().hex[:12]}" for _ in range(TURNS_EACH)]
        added = await asyncio.gather(
            *(say(pooled["gateway"], user, f"add a task to {title}") for title in titles)
        )
        for one in added:
            assert [call["status"] for call in answer(one)["tool_calls"]] == ["ok"]
        shown = answer(await say(pooled["gateway"], user, "show all my tasks"))
        (listed,) = shown["tool_calls"]
        assert sorted(task["title"] for task in listed["output"]["tasks"]) == sorted(titles)
        return titles

    titles = await asyncio.gather(*(converse(person) for person in people))

    assert len({title for each in titles for title in each}) == PEOPLE * TURNS_EACH
    owners = Counter(
        row["user_id"]
        for row in await database.rows(
            "SELECT user_id FROM tasks.task WHERE user_id = ANY($1::uuid[])",
            [person.user_id for person in people],
        )
    )
    assert set(owners.values()) == {TURNS_EACH}


async def test_connection_that_is_handed_on_carries_nobody(pooled: dict[str, str]) -> None:
    """The next client of a server connection starts without a user, and so without a row."""
    person = await Person.sign_up(pooled["auth"])
    user = User(person.user_id, await person.token())
    answer(await say(pooled["gateway"], user, "add a task to water the plants"))

    connections = [
        await asyncpg.connect(pooled["tools_database"], statement_cache_size=0)
        for _ in range(SERVER_CONNECTIONS)
    ]
    transactions = [connection.transaction() for connection in connections]
    try:
        for connection, transaction in zip(connections, transactions, strict=True):
            await transaction.start()
            user = await connection.fetchval("SELECT current_setting('app.user_id', true)")
            assert not user
            assert await connection.fetchval("SELECT count(*) FROM tasks.task") == 0
    finally:
        for connection in connections:
            await connection.close()
