"""Who is refused ten times within a second is not listened to for the rest of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import UUID

import httpx2
import pytest
from chat_gateway.api.middleware import turned_away
from chat_gateway.api.middleware.turned_away import MOST_REFUSALS
from chat_gateway.state import state_of
from servicekit.identifiers import new_id

from ...equipment.gateway import Gateway, running, settings
from ...equipment.issuer import Issuer
from ...equipment.storage import Storage

LISTS = {"type": "threads.list", "params": {}}


@pytest.fixture
async def gateway(
    storage: Storage, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Gateway]:
    """Where a second takes an hour, and nobody waits for its end."""
    monkeypatch.setattr(turned_away, "SECONDS", 3600.0)
    monkeypatch.setattr(turned_away, "MOST_WAITING", 0)
    async with running(settings(storage.service_url, issuer), issuer) as gateway:
        yield gateway


class Refused:
    """Somebody whose share is full, with one token."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.user_id: UUID = new_id()
        self.authorization = f"Bearer {gateway.issuer.token(self.user_id)}"
        shares = state_of(gateway.app).shares
        self.held = [shares.request(self.user_id) for _ in range(16)]
        for one in self.held:
            one.__enter__()

    def let_go(self) -> None:
        """Their share is free again."""
        for one in self.held:
            one.__exit__(None, None, None)

    async def ask(self, **headers: str | None) -> httpx2.Response:
        """Something that takes no turn."""
        sent = {"authorization": self.authorization, **headers}
        return await self.gateway.post(self.user_id, LISTS, **sent)

    async def until_turned_away(self) -> None:
        """As often as they may be refused."""
        for _ in range(MOST_REFUSALS):
            assert (await self.ask()).status_code == 429


async def test_it_is_refused_without_a_look_and_says_the_same(gateway: Gateway) -> None:
    refused = Refused(gateway)
    before = await refused.ask()
    await refused.until_turned_away()
    refused.let_go()

    after = await refused.ask()

    assert after.status_code == 429
    assert after.json()["code"] == before.json()["code"] == "rate_limited"
    assert set(after.headers) == {*before.headers, "connection"}
    assert after.headers["connection"] == "close"
    assert after.headers["retry-after"] == "1"


async def test_few_wait_for_the_end_of_the_second_and_their_connection_stays(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turned_away, "MOST_WAITING", 2)
    monkeypatch.setattr(turned_away, "SECONDS", 10.0)
    refused = Refused(gateway)
    began = time.monotonic()
    await refused.until_turned_away()

    waiting = [asyncio.create_task(refused.ask()) for _ in range(3)]
    first, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    assert [one.result().headers.get("connection") for one in first] == ["close"]

    answers = await asyncio.gather(*waiting)
    assert [one.status_code for one in answers] == [429] * 3
    assert sorted(one.headers.get("connection", "stays") for one in answers) == [
        "close",
        "stays",
        "stays",
    ]
    assert time.monotonic() - began > 9.0


async def test_fewer_refusals_keep_nobody_out(gateway: Gateway) -> None:
    refused = Refused(gateway)
    for _ in range(MOST_REFUSALS - 1):
        assert (await refused.ask()).status_code == 429
    refused.let_go()

    assert (await refused.ask()).status_code == 200


async def test_it_ends_with_its_second(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Refused(gateway)
    await refused.until_turned_away()
    refused.let_go()
    monkeypatch.setattr(turned_away, "SECONDS", 0.0)

    assert (await refused.ask()).status_code == 200


async def test_others_are_heard_and_strangers_are_told_what_they_always_are(
    gateway: Gateway,
) -> None:
    refused = Refused(gateway)
    await refused.until_turned_away()
    other = new_id()

    assert (await gateway.post(other, LISTS)).status_code == 200
    assert (await refused.ask(authorization="Bearer forged")).status_code == 401
    assert (await refused.ask(authorization=None)).status_code == 401
    theirs = f"Bearer {gateway.issuer.token(other)}"
    assert (await refused.ask(authorization=theirs)).status_code == 403
    assert (await refused.ask(origin="http://evil.example")).status_code == 403
