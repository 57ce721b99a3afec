"""Whoever leaves leaves nothing: every column of every table, and every log, is searched."""

import asyncio
import hashlib
import json
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from devstack.stack import Stack

from tests.equipment.chat import refusal, say
from tests.equipment.raw_http import send
from tests.equipment.waiting import wait_until
from tests.people.conftest import NAME, Account

DONE_WITHIN_SECONDS = 240.0

pytestmark = pytest.mark.timeout(600)


async def columns(superuser: asyncpg.Pool) -> list[tuple[str, str, str]]:
    """Every column of every table of every schema of ours."""
    found = await superuser.fetch(
        "SELECT nspname, relname, attname FROM pg_attribute"
        " JOIN pg_class ON pg_class.oid = attrelid"
        " JOIN pg_namespace ON pg_namespace.oid = relnamespace"
        " WHERE relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped"
        " AND nspname !~ '^pg_' AND nspname <> 'information_schema'"
    )
    assert {row["nspname"] for row in found} >= {"auth", "chat", "tasks"}
    return [(row["nspname"], row["relname"], row["attname"]) for row in found]


async def where_it_says(superuser: asyncpg.Pool, *words: str) -> set[str]:
    """`schema.table.column` of each place in which one of these stands, in whatever type."""
    places = set()
    for schema, table, column in await columns(superuser):
        for word in words:
            sql = f'SELECT count(*) FROM {schema}."{table}" WHERE strpos("{column}"::text, $1) > 0'
            if await superuser.fetchval(sql, word):
                places.add(f"{schema}.{table}.{column}")
    return places


async def checksum(superuser: asyncpg.Pool, account: Account) -> str:
    """Of every row of somebody in every table that has a person."""
    digest = hashlib.sha256()
    for schema, table, column in sorted(await columns(superuser)):
        if column in {"user_id", "userId"}:
            sql = f'SELECT t::text FROM {schema}."{table}" t WHERE "{column}"::text = $1 ORDER BY 1'
            for row in await superuser.fetch(sql, str(account.user.user_id)):
                digest.update(row[0].encode())
    return digest.hexdigest()


async def test_nothing_is_left_of_whoever_leaves_and_everything_of_the_others(
    stack: Stack, superuser: asyncpg.Pool
) -> None:
    leaving = await Account.made(stack, f"xylo{uuid4().hex[:8]}")
    staying = await Account.made(stack, f"mara{uuid4().hex[:8]}")
    told: dict[str, Any] = (await asyncio.gather(leaving.live(), staying.live()))[0]
    before = await where_it_says(superuser, leaving.word)
    assert before >= {
        "auth.user.email",
        "auth.user.name",
        "chat.message.content",
        "chat.conversation.title",
        "chat.turn.steps",
        "chat.turn.tool_results",
        "chat.turn.answer",
        "tasks.task.title",
        "tasks.tool_call.arguments",
        "tasks.tool_call.output",
    }
    others = await checksum(superuser, staying)

    stack.process("mcp-tools").kill()
    await leaving.erase()

    async def refused_at_the_gateway() -> bool:
        answered = await say(stack.urls.gateway, leaving.user, f"again {leaving.word}")
        return answered.status == 401

    await wait_until("the gateway refuses", refused_at_the_gateway, limit_seconds=60)
    stack.process("auth").kill()
    stack.process("auth").start()
    stack.process("mcp-tools").start()
    stack.process("auth").wait_ready(120)
    stack.process("mcp-tools").wait_ready(120)

    async def report() -> asyncpg.Record | None:
        sql = 'SELECT * FROM auth.erasure WHERE "userId" = $1 AND "finishedAt" IS NOT NULL'
        return await superuser.fetchrow(sql, leaving.user.user_id)

    done = await wait_until("all is done", report, DONE_WITHIN_SECONDS, every_seconds=1)
    assert done is not None
    parts = json.loads(done["parts"])
    assert parts.keys() == {"auth", "chat-gateway", "mcp-tools"}
    # What the gateway deleted first was told to a process that is dead.
    assert {part["state"] for part in parts.values()} == {"done"}
    assert parts["mcp-tools"]["deleted"].keys() == {"task", "tool_call"}

    assert await where_it_says(superuser, leaving.word) == set()
    # The id leads to nobody any more; it is what keeps the tokens out, and what the report is of.
    assert await where_it_says(superuser, str(leaving.user.user_id)) == {
        "auth.erasure.userId",
        "chat.erased_person.user_id",
        "tasks.erased_person.user_id",
    }
    assert await checksum(superuser, staying) == others
    for log in stack.log_dir.glob("*.log"):
        written = log.read_text()
        assert leaving.word not in written, log.name
        assert NAME not in written, log.name
        assert told["conversation_id"] != ""
    again = await say(stack.urls.gateway, leaving.user, "hello")
    assert "deleted" in refusal(again, 401, "unauthenticated")["detail"]
    assert (await say(stack.urls.gateway, staying.user, "show my tasks")).status == 200


async def test_a_token_is_refused_by_the_tools_too(stack: Stack) -> None:
    leaving = await Account.made(stack, f"quill{uuid4().hex[:8]}")
    await leaving.live()
    await leaving.erase()
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {
            "name": "list_tasks",
            "arguments": {"user_id": str(leaving.user.user_id)},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "0"},
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    }

    async def refused() -> bool:
        answered = await send(
            f"{stack.urls.tools}/mcp",
            headers=[
                leaving.user.authorization,
                ("Content-Type", "application/json"),
                ("Accept", "application/json, text/event-stream"),
                ("mcp-protocol-version", "2026-07-28"),
                ("mcp-method", "tools/call"),
                ("mcp-name", "list_tasks"),
            ],
            body=json.dumps(body).encode(),
        )
        return answered.status == 401

    await wait_until("mcp-tools refuses", refused, limit_seconds=60)


async def test_a_turn_that_is_under_way_ends_and_leaves_nothing(
    stack: Stack, superuser: asyncpg.Pool
) -> None:
    leaving = await Account.made(stack, f"orme{uuid4().hex[:8]}")
    talking = [
        asyncio.create_task(say(stack.urls.gateway, leaving.user, f"add a task {leaving.word} {n}"))
        for n in range(6)
    ]
    await leaving.erase()
    answered = await asyncio.gather(*talking)

    assert {one.status for one in answered} <= {200, 401, 429, 503}

    async def nothing_left() -> bool:
        sql = 'SELECT "finishedAt" FROM auth.erasure WHERE "userId" = $1'
        return await superuser.fetchval(sql, leaving.user.user_id) is not None

    await wait_until("all is done", nothing_left, DONE_WITHIN_SECONDS, every_seconds=1)
    assert await where_it_says(superuser, leaving.word) == set()
