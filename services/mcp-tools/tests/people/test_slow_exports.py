"""Exports whose readers hardly read: they cost themselves, and nobody else's export."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
from servicekit.people import places, portions

from ..conftest import READY_LIMIT_SECONDS, Databases
from ..issuer import Issuer

SOON_SECONDS = 5.0
"""A machine that also runs other tests; a slow reader takes minutes."""
LARGE_CALLS = 120
"""Of 100 KB that do not compress well: far more than the buffers between the two hold."""


class Exports:
    """The door, and people who have much behind it."""

    def __init__(self, url: str, issuer: Issuer, superuser: asyncpg.Connection) -> None:
        self.url, self.issuer, self.superuser = url, issuer, superuser

    async def person(self, calls: int) -> UUID:
        """Somebody with so many recorded calls."""
        user_id = uuid4()
        # Without a policy, and so without a person's own transactions.
        await self.superuser.execute(
            """
            INSERT INTO tasks.tool_call
                (user_id, id, name, arguments, status, output, duration_ms, created_at)
            SELECT $1, gen_random_uuid(), 'list_tasks', '{}', 'ok', to_jsonb($3::text), 1, now()
            FROM generate_series(1, $2)
            """,
            user_id,
            calls,
            token_hex(50_000),
        )
        return user_id

    def headers(self, user_id: UUID) -> dict[str, str]:
        """auth's key to the door."""
        claims = {"aud": "taskchat-export", "exp": int(time.time()) + 60}
        return {"authorization": f"Bearer {self.issuer.token(user_id, **claims)}"}

    async def read(self, user_id: UUID) -> httpx2.Response:
        """As fast as it comes."""
        path = f"{self.url}/internal/people/{user_id}/export"
        async with httpx2.AsyncClient(timeout=60) as client:
            return await client.get(path, headers=self.headers(user_id))

    @asynccontextmanager
    async def begun(self, user_id: UUID) -> AsyncIterator[asyncio.StreamReader]:
        """An export that has begun, by a reader who takes a little and then a byte now and then."""
        parts = urlsplit(self.url)
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, (parts.hostname, parts.port))
            reader, writer = await asyncio.open_connection(sock=sock, limit=1024)
            token = self.headers(user_id)["authorization"]
            writer.write(
                f"GET /internal/people/{user_id}/export HTTP/1.1\r\nHost: localhost\r\n"
                f"Authorization: {token}\r\n\r\n".encode()
            )
            await writer.drain()
            async with asyncio.timeout(READY_LIMIT_SECONDS):
                assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            dripping = asyncio.create_task(_drip(reader))
            try:
                yield reader
            finally:
                dripping.cancel()
                await asyncio.wait([dripping])
                writer.close()

    async def idle_transactions(self) -> int:
        """Connections of the service that are held and do nothing."""
        count: int = await self.superuser.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE usename = 'mcp_tools' AND state LIKE 'idle in transaction%'"
        )
        return count


async def _drip(reader: asyncio.StreamReader) -> None:
    while await reader.read(1):  # noqa: ASYNC110 - this is the reader
        await asyncio.sleep(1)


@pytest.fixture
def exports(
    service_url: str, issuer: Issuer, superuser: asyncpg.Connection, databases: Databases
) -> Exports:
    return Exports(service_url, issuer, superuser)


async def test_readers_of_a_byte_a_second_keep_nobody_from_exporting(exports: Exports) -> None:
    slow = [await exports.person(LARGE_CALLS) for _ in range(3)]
    other = await exports.person(3)
    async with exports.begun(slow[0]), exports.begun(slow[1]), exports.begun(slow[2]):
        began = time.monotonic()
        answers = [await exports.read(other) for _ in range(3)]
        took = time.monotonic() - began

        assert [answer.status_code for answer in answers] == [200] * 3
        assert len(answers[0].json()["tool_calls"]) == 3
        assert took < len(answers) * SOON_SECONDS
        assert await exports.idle_transactions() == 0


async def test_a_person_has_one_export_at_a_time(exports: Exports) -> None:
    person = await exports.person(LARGE_CALLS)
    async with exports.begun(person):
        refused = await exports.read(person)

        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) > 0

    async with asyncio.timeout(READY_LIMIT_SECONDS):
        while (again := await exports.read(person)).status_code == 429:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.05)
    assert len(again.json()["tool_calls"]) == LARGE_CALLS


async def test_who_waits_longest_for_a_reader_goes_first_and_is_no_whole_json(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MOST_OPEN", 2)
    slow = [await exports.person(LARGE_CALLS) for _ in range(2)]
    other = await exports.person(1)
    async with exports.begun(slow[0]) as first, exports.begun(slow[1]):
        refused = await exports.read(other)
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        assert int(refused.headers["retry-after"]) > 0

        monkeypatch.setattr(places, "SAFE_SECONDS", 0.0)
        assert (await exports.read(other)).status_code == 200

        came = b""
        async with asyncio.timeout(READY_LIMIT_SECONDS):
            while piece := await first.read(65_536):
                came += piece
        assert not came.endswith(b"0\r\n\r\n")
        assert b"]}" not in came
        assert (await exports.read(other)).status_code == 200


async def test_many_portions_are_one_whole(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "FULL_BYTES", 100_000)
    person = await exports.person(103)

    answer = await exports.read(person)

    rows = await exports.superuser.fetch(
        "SELECT id, output FROM tasks.tool_call WHERE user_id = $1 ORDER BY id", person
    )
    calls = answer.json()["tool_calls"]
    assert [one["id"] for one in calls] == [str(row["id"]) for row in rows]
    assert [one["output"] for one in calls] == [json.loads(row["output"]) for row in rows]
