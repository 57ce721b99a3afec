"""The load driver against a small server: what it sends, and what it counts as failed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import chain, repeat
from uuid import uuid4

import pytest
from devstack.people import Jwt, Person

from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.load import Load, closed_loop, open_loop
from tests.cluster.equipment.turns import SentTurn, send_turn

CONVERSATION = str(uuid4())
ANSWERED = (200, json.dumps({"conversation_id": CONVERSATION}), "")
UNAVAILABLE = (503, json.dumps({"code": "tools_unavailable"}), "Retry-After: 0\r\n")
HUNG_UP = (0, "", "")

Reply = tuple[int, str, str]


class Server:
    """Answers as it is told, and keeps the requests."""

    def __init__(self, replies: Iterator[Reply]) -> None:
        self.replies = replies
        self.requests: list[str] = []
        self.edge = Edge("http://taskchat.localhost", ("127.0.0.1", 0))

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0] or "0")
        self.requests.append(head + (await reader.readexactly(length)).decode())
        status, body, headers = next(self.replies)
        if status:
            sized = f"{headers}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            writer.write(f"HTTP/1.1 {status} Whatever\r\n{sized}".encode())
            await writer.drain()
        writer.close()

    def header(self, name: str) -> list[str]:
        """What each request had in a header."""
        parts = (text.lower().partition(f"\r\n{name}: ")[2] for text in self.requests)
        return [part.partition("\r\n")[0] for part in parts]


@asynccontextmanager
async def serving(*replies: Reply, then: Reply = ANSWERED) -> AsyncIterator[tuple[Server, Person]]:
    server = Server(chain(replies, repeat(then)))
    listener = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    server.edge = Edge(server.edge.url, listener.sockets[0].getsockname()[:2])
    async with listener, server.edge.client() as client:
        jwt = Jwt("token", uuid4(), time.time() + 3_600)
        yield server, Person(server.edge.url, "a@example.com", "session", jwt, "origin", client)


async def test_refused_turn_without_retries_has_failed() -> None:
    async with serving(UNAVAILABLE) as (server, person):
        turn = await send_turn(server.edge, person, "hello")
    assert [(one.status, one.reason) for one in turn.attempts] == [(503, "tools_unavailable")]
    assert not turn.is_answered
    with pytest.raises(AssertionError, match="503 tools_unavailable"):
        turn.body()


async def test_broken_connection_is_an_attempt_with_its_reason() -> None:
    async with serving(HUNG_UP) as (server, person):
        turn = await send_turn(server.edge, person, "hello")
    (attempt,) = turn.attempts
    assert attempt.status is None
    assert "RemoteProtocolError" in attempt.reason


async def test_token_that_cannot_be_renewed_fails_the_attempt_not_the_load() -> None:
    async with serving((500, "{}", "")) as (server, person):
        person = Person(
            server.edge.url,
            "a@example.com",
            "session",
            Jwt("token", uuid4(), expires_at=0.0),
            "origin",
            person.client,
        )
        turn = await send_turn(server.edge, person, "hello")
    (attempt,) = turn.attempts
    assert (attempt.status, turn.is_answered) == (500, False)
    assert "no new token: /api/auth/token answered 500" in attempt.reason


async def test_retries_use_the_same_key_and_body() -> None:
    async with serving(UNAVAILABLE, HUNG_UP) as (server, person):
        turn = await send_turn(server.edge, person, "hello", retry_for_seconds=10)
    assert turn.body() == {"conversation_id": CONVERSATION}
    assert len(turn.attempts) == 3
    assert server.header("idempotency-key") == [turn.key] * 3
    assert len({text.partition("\r\n\r\n")[2] for text in server.requests}) == 1


async def test_refusal_that_will_not_pass_is_not_retried() -> None:
    refused = (422, json.dumps({"code": "invalid_request"}), "")
    async with serving(refused) as (server, person):
        turn = await send_turn(server.edge, person, "hello", retry_for_seconds=10)
    assert len(turn.attempts) == 1


async def test_closed_loop_sends_the_next_turn_after_the_answer() -> None:
    async with (
        serving() as (server, person),
        closed_loop(server.edge, [person], pause_seconds=0) as load,
    ):
        await load.wait_for_answers(12)
    load.expect_no_failures()
    assert load.in_flight == 0
    assert len(server.requests) == len(load.turns) >= 12
    assert len(set(server.header("idempotency-key"))) == len(load.turns)
    begun = [turn.conversation_id is None for turn in load.turns[:11]]
    assert [number for number, is_new in enumerate(begun) if is_new] == [0, 5, 10]


async def test_failure_is_told_and_begins_a_new_conversation() -> None:
    async with (
        serving(ANSWERED, UNAVAILABLE) as (server, person),
        closed_loop(server.edge, [person], pause_seconds=0) as load,
    ):
        await load.wait_for_answers(3)
    assert [turn.conversation_id for turn in load.turns[:3]] == [None, CONVERSATION, None]
    with pytest.raises(AssertionError, match=r"1 failed.*1 × 503 tools_unavailable"):
        load.expect_no_failures()


async def test_open_loop_does_not_wait_for_answers() -> None:
    async with serving() as (server, person):
        async with open_loop(server.edge, [person], turns_per_second=200) as load:
            await load.wait_for_answers(20)
        assert load.in_flight == 0
        assert len(load.turns) == len(server.requests) >= 20
    assert {turn.conversation_id for turn in load.turns} == {None}


async def test_failing_block_ends_the_load_and_is_what_is_told() -> None:
    async with serving() as (server, person):
        with pytest.raises(AssertionError, match="the test found something"):
            async with closed_loop(server.edge, [person], pause_seconds=60):
                raise AssertionError("the test found something")


def test_load_that_sent_nothing_can_be_told() -> None:
    assert str(Load()) == "0 turns, 0 failed; refused attempts: none"
    assert Load(list[SentTurn]()).failures == []
