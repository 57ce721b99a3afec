"""Postgres goes away and comes back; the service stays. Each test has a server of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import asyncpg
import httpx2
import pytest
from devstack.postgres import EmbeddedPostgres
from mcp_tools.app import create_app
from mcp_tools.settings import Settings
from pydantic import SecretStr
from servicekit.probes import Readiness

from .caller import Answer, Caller, key
from .conftest import Databases, NewCaller, migrated, wait_until_ready
from .rows import Rows
from .running import running

RECOVERY_LIMIT_SECONDS = 30.0
LOCK_LIMIT_SECONDS = 5.0


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    server = EmbeddedPostgres.start(tmp_path_factory.mktemp("own") / "postgres", durable=False)
    yield migrated(server)
    if server.alive:
        server.stop("immediate")


@pytest.fixture(scope="module")
def own_url(own: Databases, settings: Settings) -> Iterator[str]:
    changed = {"database_url": SecretStr(own.service_url)}
    with running(create_app(settings.model_copy(update=changed), Readiness())) as url:
        wait_until_ready(url)
        yield url


@pytest.fixture
def caller(own: Databases, own_url: str, new_caller: NewCaller) -> Caller:
    if not own.server.alive:
        own.server.restart()
    return new_caller(url=own_url)


@pytest.fixture
async def rows(own: Databases, caller: Caller) -> AsyncIterator[Rows]:
    connection = await asyncpg.connect(own.superuser_url)
    yield Rows(connection)
    await connection.close()


async def recovered(caller: Caller, meta: dict[str, object]) -> Answer:
    """The answer of the first call that is not `unavailable`, without a restart of the service."""
    async with asyncio.timeout(RECOVERY_LIMIT_SECONDS):
        while True:
            answer = await caller.call("add_task", meta=meta, title="buy milk")
            if answer.code != "unavailable":
                return answer
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("how", ["fast", "immediate", "kill"])
async def test_call_without_a_database_is_unavailable_and_then_takes_place_once(
    own: Databases, caller: Caller, how: str
) -> None:
    assert (await caller.call("list_tasks")).code == "ok"
    if how == "kill":
        own.server.kill()
    else:
        own.server.stop(how)
    meta = key()

    down = await caller.call("add_task", meta=meta, title="buy milk")
    own.server.restart()
    up = await recovered(caller, meta)

    assert down.code == "unavailable"
    assert "try again" in down.message
    assert up.code == "ok"
    assert len((await caller.call("list_tasks")).content["tasks"]) == 1


async def test_process_stays_healthy_while_the_database_is_away(
    own: Databases, caller: Caller, http: httpx2.AsyncClient
) -> None:
    own.server.stop("fast")
    try:
        assert (await http.get(f"{caller.url}/healthz")).status_code == 200
        assert (await http.get(f"{caller.url}/readyz")).status_code == 200
        assert (await caller.post("tools/list", {})).status_code == 200
    finally:
        own.server.restart()


async def test_database_killed_during_the_call_leaves_all_or_nothing(
    own: Databases, caller: Caller
) -> None:
    """The effect has run and waits for its commit's end when the power goes."""
    blocker = await asyncpg.connect(own.superuser_url)
    transaction = blocker.transaction()
    await transaction.start()
    await blocker.execute("LOCK TABLE tasks.task IN EXCLUSIVE MODE")
    meta = key()
    call = asyncio.create_task(caller.call("add_task", meta=meta, title="buy milk"))
    await waiting_for_a_lock(own)

    own.server.kill()
    down = await call
    own.server.restart()
    up = await recovered(caller, meta)

    assert down.code == "unavailable"
    assert up.code == "ok"
    connection = await asyncpg.connect(own.superuser_url)
    assert len(await Rows(connection).tasks(caller.user_id)) == 1
    assert len(await Rows(connection).calls(caller.user_id)) == 1
    await connection.close()
    blocker.terminate()


async def test_connection_ended_by_the_server_leaves_a_row_that_says_so(
    own: Databases, caller: Caller, rows: Rows
) -> None:
    meta = key()
    async with rows.connection.transaction():
        await rows.connection.execute("LOCK TABLE tasks.task IN EXCLUSIVE MODE")
        call = asyncio.create_task(caller.call("add_task", meta=meta, title="buy milk"))
        await waiting_for_a_lock(own)
        await rows.connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        )
        answer = await call

    assert answer.code == "unavailable"
    row = await rows.call(caller.user_id)
    assert (row["error"]["code"], row["id"]) == ("unavailable", answer.call_id)
    assert (await recovered(caller, meta)).call_id == answer.call_id


async def test_twin_is_answered_while_the_first_call_still_holds_the_claim(
    own: Databases, caller: Caller, rows: Rows
) -> None:
    meta = key()
    async with rows.connection.transaction():
        await rows.connection.execute("LOCK TABLE tasks.task IN EXCLUSIVE MODE")
        first = asyncio.create_task(caller.call("add_task", meta=meta, title="buy milk"))
        await waiting_for_a_lock(own)
        twin = asyncio.create_task(caller.call("add_task", meta=meta, title="buy milk"))
        await waiting_for_a_lock(own, count=2)

    answers = await asyncio.gather(first, twin)
    assert [answer.code for answer in answers] == ["ok", "ok"]
    assert sorted(answer.replayed for answer in answers) == [False, True]
    assert len(await rows.tasks(caller.user_id)) == 1


async def test_service_that_starts_without_a_database_becomes_ready_when_it_comes(
    own: Databases, settings: Settings, caller: Caller, http: httpx2.AsyncClient
) -> None:
    own.server.stop("fast")
    changed = {"database_url": SecretStr(own.service_url)}
    with running(create_app(settings.model_copy(update=changed), Readiness())) as url:
        before = await http.get(f"{url}/readyz")
        call = await replace(caller, url=url).call("list_tasks")
        own.server.restart()
        wait_until_ready(url)

    assert before.status_code == 503
    assert before.json()["code"] == "not_ready"
    assert "the database" in before.json()["detail"]
    assert call.code == "unavailable"


async def waiting_for_a_lock(own: Databases, count: int = 1) -> None:
    """Wait until so many connections of the service wait for a lock."""
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE usename = 'mcp_tools' AND wait_event_type = 'Lock'"
    )
    limit = time.monotonic() + LOCK_LIMIT_SECONDS
    superuser = await asyncpg.connect(own.superuser_url)
    while (waiting := await superuser.fetchval(query)) < count:
        assert time.monotonic() < limit, f"{waiting} of {count} wait for a lock after 5 s"
        await asyncio.sleep(0.01)
    await superuser.close()
