"""Ten thousand people, conversations, keys, paths and origins make no series that one would not."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid4

import aiohttp
import pytest
from devstack.processes import ManagedProcess
from devstack.stack import Stack, base_url

from tests.equipment.chat import ORIGIN
from tests.equipment.issuer import JWKS_PATH, KeyServer, SigningKey
from tests.equipment.metrics import Scrape, scrape

PEOPLE = 10_000
AT_ONCE = 16
COMPLETED_EVERY: Final = 200
STORED_EVERY: Final = 10
"""50 people have a whole turn, 950 ask the database for a conversation that is not theirs, and the
others are refused at the border."""

KEY = SigningKey("bounded")


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person whom nobody has seen yet, and the names that come with each of their requests."""

    user_id: UUID = field(default_factory=uuid4)
    conversation_id: UUID = field(default_factory=uuid4)
    idempotency_key: str = field(default_factory=lambda: f"key-{uuid4()}")


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody sends, and what they are told."""

    path: str
    status: int
    headers: dict[str, str]
    body: dict[str, object]


@dataclass(frozen=True)
class Watched:
    """A gateway and mcp-tools that trust the test's own issuer."""

    gateway: ManagedProcess
    tools: ManagedProcess
    issuer: str

    def token(self, person: Somebody) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": ["chat-gateway", "mcp-tools"],
            "sub": str(person.user_id),
            "iat": now,
            "exp": now + 300,
        }
        return KEY.sign({"alg": "EdDSA", "kid": KEY.kid, "typ": "JWT"}, claims)

    def request(self, person: Somebody, status: int, **changes: object) -> Request:
        """A request that is right but for the changes."""
        headers = {
            "Origin": ORIGIN,
            "Authorization": f"Bearer {self.token(person)}",
            "Idempotency-Key": person.idempotency_key,
        }
        body: dict[str, object] = {"message": "add a task to buy milk"}
        path = f"/api/{person.user_id}/chat"
        return Request(path, status, headers, {**body, **changes})

    async def scraped(self) -> tuple[Scrape, Scrape]:
        return await scrape(self.gateway), await scrape(self.tools)


def foreign_origin(watched: Watched, person: Somebody) -> Request:
    request = watched.request(person, 403)
    request.headers["Origin"] = f"https://{person.user_id}.example"
    return request


def no_token(watched: Watched, person: Somebody) -> Request:
    request = watched.request(person, 401)
    request.headers["Authorization"] = f"Bearer {person.user_id}"
    return request


def another_path(watched: Watched, person: Somebody) -> Request:
    right = watched.request(person, 404)
    return Request(f"/api/{person.user_id}/{person.conversation_id}", 404, right.headers, {})


def another_user(watched: Watched, person: Somebody) -> Request:
    right = watched.request(person, 403)
    return Request(f"/api/{person.conversation_id}/chat", 403, right.headers, right.body)


def wrong_body(watched: Watched, person: Somebody) -> Request:
    return watched.request(person, 422, conversation_id=f"not-{person.conversation_id}")


def foreign_conversation(watched: Watched, person: Somebody) -> Request:
    return watched.request(person, 404, conversation_id=str(person.conversation_id))


def turn(watched: Watched, person: Somebody) -> Request:
    return watched.request(person, 200)


CHEAP: Final = (foreign_origin, no_token, another_path, another_user, wrong_body)


def kind(number: int) -> Callable[[Watched, Somebody], Request]:
    """What the person of this number does."""
    if number % COMPLETED_EVERY == 0:
        return turn
    if number % STORED_EVERY == 0:
        return foreign_conversation
    return CHEAP[number % len(CHEAP)]


@pytest.fixture(scope="module")
def watched(stack: Stack) -> Iterator[Watched]:
    with KeyServer([KEY.jwk()]) as issuer:
        trusts = {"AUTH_ISSUER": issuer.url, "AUTH_JWKS_URL": f"{issuer.url}{JWKS_PATH}"}
        tools = stack.add_process("mcp-tools", "mcp-tools-bounded", **trusts)
        gateway = stack.add_process(
            "chat-gateway", "chat-gateway-bounded", MCP_URL=f"{base_url(tools)}/mcp", **trusts
        )
        yield Watched(gateway, tools, issuer.url)
        for process in (gateway, tools):
            process.stop()


@pytest.fixture
async def client(watched: Watched) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(base_url(watched.gateway), connector=connector) as client:
        yield client


async def send(client: aiohttp.ClientSession, request: Request) -> None:
    async with client.post(request.path, json=request.body, headers=request.headers) as answer:
        told = await answer.read()
    assert answer.status == request.status, (request.path, answer.status, told)


async def send_all(client: aiohttp.ClientSession, requests: Iterator[Request]) -> None:
    """Send all, a few at a time."""

    async def one_after_the_other() -> None:
        for request in requests:
            await send(client, request)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(one_after_the_other())


def series(page: Scrape) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    """Every series by name and labels."""
    return {(sample.name, tuple(sorted(sample.labels.items()))) for sample in page.samples}


@pytest.mark.timeout(180)
async def test_series_of_ten_thousand_people_are_those_of_the_first_seven(
    watched: Watched, client: aiohttp.ClientSession
) -> None:
    for one_of_a_kind in (*CHEAP, foreign_conversation, turn):
        await send(client, one_of_a_kind(watched, Somebody()))
    before = [series(page) for page in await watched.scraped()]
    people = [Somebody() for _ in range(PEOPLE)]

    await send_all(
        client, iter(kind(number)(watched, person) for number, person in enumerate(people))
    )

    gateway, tools = pages = await watched.scraped()
    assert [series(page) for page in pages] == before
    assert gateway.value("taskchat_http_requests_total") == PEOPLE + 7
    completed = PEOPLE // COMPLETED_EVERY + 1
    assert gateway.value("taskchat_turn_duration_seconds_count", outcome="completed") == completed
    assert tools.value("taskchat_mcp_tool_call_duration_seconds_count") == completed
    words = {value for page in pages for sample in page.samples for value in sample.labels.values()}
    names = {part for person in people for part in (str(person.user_id), person.idempotency_key)}
    assert not [word for word in words if word in names or "/" in word or ORIGIN in word]
