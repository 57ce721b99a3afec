"""What got old goes, the row stays, and nothing of what is young is touched."""

import asyncio
import json
import os
import sys
from uuid import uuid4

import asyncpg
import pytest
from mcp_tools.retention import RETENTION
from servicekit.people.retention import expire

from ..caller import Caller, key
from ..conftest import Databases
from ..rows import Rows

OLD = "UPDATE tasks.tool_call SET created_at = now() - interval '91 days' WHERE user_id = $1"


async def test_old_calls_are_emptied_and_young_ones_are_not(
    caller: Caller,
    stranger: Caller,
    superuser: asyncpg.Connection,
    rows: Rows,
    databases: Databases,
) -> None:
    await caller.call("add_task", title="an old secret")
    await caller.call("add_task", title="")
    await caller.call_as(uuid4(), "delete_task", task_id="an old secret")
    await superuser.execute(OLD, caller.user_id)
    await stranger.call("add_task", title="young")
    young, tasks = await rows.calls(stranger.user_id), await rows.tasks(caller.user_id)

    done = await expire(RETENTION, databases.owner_url, 90)

    assert done["tasks.tool_call"] >= 3
    old = await rows.calls(caller.user_id)
    assert [call["name"] for call in old] == ["add_task", "add_task", "delete_task"]
    assert [call["status"] for call in old] == ["ok", "error", "error"]
    assert [call["output"] for call in old] == [{}, None, None]
    assert all(call["arguments"] == {} for call in old)
    assert all(call["expired_at"] is not None for call in old)
    assert "an old secret" not in json.dumps(old, default=str)
    assert await rows.calls(stranger.user_id) == young
    assert await rows.tasks(caller.user_id) == tasks


async def test_it_may_run_twice_and_at_once(
    superuser: asyncpg.Connection, databases: Databases
) -> None:
    person = uuid4()
    await superuser.execute(
        "INSERT INTO tasks.tool_call"
        " (user_id, id, name, arguments, status, output, duration_ms, created_at)"
        " SELECT $1, gen_random_uuid(), 'add_task', '{\"title\": \"x\"}', 'ok', '{}', 1,"
        " now() - interval '200 days' FROM generate_series(1, 2500)",
        person,
    )

    runs = await asyncio.gather(*(expire(RETENTION, databases.owner_url, 90) for _ in range(2)))
    again = await expire(RETENTION, databases.owner_url, 90)

    assert sum(run["tasks.tool_call"] for run in runs) == 2500
    assert again["tasks.tool_call"] == 0
    left = "SELECT count(*) FROM tasks.tool_call WHERE user_id = $1 AND expired_at IS NULL"
    assert await superuser.fetchval(left, person) == 0


async def test_a_row_that_somebody_holds_is_left_for_the_next_run(
    caller: Caller, superuser: asyncpg.Connection, databases: Databases
) -> None:
    await caller.call("add_task", title="held")
    await superuser.execute(OLD, caller.user_id)
    async with superuser.transaction():
        await superuser.execute(
            "SELECT 1 FROM tasks.tool_call WHERE user_id = $1 FOR UPDATE", caller.user_id
        )
        held = await expire(RETENTION, databases.owner_url, 90)
    after = await expire(RETENTION, databases.owner_url, 90)

    assert (held["tasks.tool_call"], after["tasks.tool_call"]) == (0, 1)


async def test_a_key_whose_call_is_no_longer_kept_is_not_answered_wrongly(
    caller: Caller, superuser: asyncpg.Connection, databases: Databases
) -> None:
    meta = key()
    await caller.call("list_tasks", meta=meta)
    await superuser.execute(OLD, caller.user_id)
    await expire(RETENTION, databases.owner_url, 90)

    again = await caller.call("list_tasks", meta=meta)

    assert again.code == "invalid_arguments"
    assert "no longer kept" in again.message


async def test_notes_on_erased_people_go_when_no_token_of_theirs_can_be_left(
    superuser: asyncpg.Connection, databases: Databases
) -> None:
    old, young = uuid4(), uuid4()
    insert = (
        "INSERT INTO tasks.erased_person (user_id, erased_at) VALUES ($1, now() - $2::interval)"
    )
    await superuser.execute(insert.replace("$2::interval", "interval '91 days'"), old)
    await superuser.execute(insert.replace("$2::interval", "interval '1 day'"), young)

    await expire(RETENTION, databases.owner_url, 90)

    left = await superuser.fetch("SELECT user_id FROM tasks.erased_person")
    assert young in {row["user_id"] for row in left}
    assert old not in {row["user_id"] for row in left}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT arguments FROM tasks.tool_call",
        "SELECT output FROM tasks.tool_call",
        "SELECT title FROM tasks.task",
        "DELETE FROM tasks.tool_call",
        "UPDATE tasks.tool_call SET user_id = gen_random_uuid()",
        "UPDATE tasks.task SET title = ''",
    ],
)
async def test_whoever_lets_things_go_reads_no_word_and_changes_nothing_else(
    databases: Databases, statement: str
) -> None:
    connection = await asyncpg.connect(databases.owner_url)
    try:
        await connection.execute("SET ROLE tasks_retention")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_the_command_says_what_it_did_and_what_is_wrong(databases: Databases) -> None:
    async def run(**env: str) -> tuple[int | None, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "mcp_tools.retention",
            env={"PATH": os.environ["PATH"], **env},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()

    code, out, err = await run(DATABASE_URL_DIRECT=databases.owner_url)
    assert (code, err) == (0, "")
    assert '"table": "tasks.tool_call"' in out
    code, _, err = await run(DATABASE_URL_DIRECT=databases.owner_url, RETENTION_DAYS="0")
    assert code == 2
    assert "RETENTION_DAYS" in err
    code, _, err = await run(DATABASE_URL_DIRECT="postgresql://a:b@127.0.0.1:9/c")
    assert code == 1
    assert "run it again" in err
