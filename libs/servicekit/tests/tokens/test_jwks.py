"""The key cache: an outage of auth is not everybody's outage, and nobody can cause one."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from servicekit.problems import AuthUnavailable
from servicekit.tokens.jwks import (
    MAX_DOCUMENT_BYTES,
    JwksCache,
    UnknownKey,
)

from .key_server import KeyServer, Signer


class Seconds:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
async def cache(
    key_server: KeyServer, client: httpx2.AsyncClient, seconds: Seconds
) -> AsyncIterator[JwksCache]:
    cache = JwksCache(key_server.url, client, clock=seconds)
    yield cache
    await cache.close()


class TestNeverLoaded:
    async def test_server_that_is_down_makes_it_unavailable(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer
    ) -> None:
        await key_server.stop()
        await cache.load()
        assert not cache.loaded
        with pytest.raises(AuthUnavailable) as caught:
            await cache.key(signer.kid)
        assert caught.value.retry_after_seconds == 10

    async def test_comes_back_after_the_cooldown_without_a_restart(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer, seconds: Seconds
    ) -> None:
        await key_server.stop()
        await cache.load()
        await key_server.start()
        with pytest.raises(AuthUnavailable):
            await cache.key(signer.kid)
        seconds.now += 10
        assert await cache.key(signer.kid)

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            ("500 Internal Server Error", b""),
            ("404 Not Found", b'{"keys": []}'),
            ("200 OK", b"<html>"),
            ("200 OK", b"[]"),
            ("200 OK", b'{"keys": {}}'),
            ("200 OK", b'{"keys": []}'),
            ("200 OK", b'{"keys": [' + b"[" * 5000),
            ("200 OK", b"[" * 60_000),
            ("200 OK", b"\xff\xfe"),
        ],
    )
    async def test_answer_that_is_no_key_set_is_not_taken(
        self, cache: JwksCache, key_server: KeyServer, status: str, body: bytes
    ) -> None:
        key_server.status, key_server.body = status, body
        await cache.load()
        assert not cache.loaded

    async def test_document_over_64_kib_is_not_taken(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer
    ) -> None:
        padded = {"keys": [signer.public], "padding": "x" * MAX_DOCUMENT_BYTES}
        key_server.body = json.dumps(padded).encode()
        await cache.load()
        assert not cache.loaded

    async def test_server_that_never_answers_is_given_up(
        self, key_server: KeyServer, signer: Signer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("servicekit.tokens.jwks.FETCH_TIMEOUT_SECONDS", 0.1)
        key_server.answering.clear()
        async with httpx2.AsyncClient(trust_env=False, timeout=None) as patient:
            cache = JwksCache(key_server.url, patient)
            with pytest.raises(AuthUnavailable):
                await asyncio.wait_for(cache.key(signer.kid), 5)

    async def test_redirect_is_not_followed(
        self, key_server: KeyServer, signer: Signer, seconds: Seconds
    ) -> None:
        other = await KeyServer(signer).start()
        key_server.status, key_server.headers = "302 Found", f"Location: {other.url}\r\n"
        async with httpx2.AsyncClient(trust_env=False, follow_redirects=True) as client:
            cache = JwksCache(key_server.url, client, clock=seconds)
            await cache.load()
        await other.stop()
        assert (key_server.requests, other.requests) == (1, 0)
        assert not cache.loaded


class TestUnknownKey:
    async def test_storm_of_unknown_kids_causes_one_fetch(
        self, cache: JwksCache, key_server: KeyServer, seconds: Seconds
    ) -> None:
        await cache.load()
        seconds.now += 11
        kids = [cache.key(f"unknown-{number}") for number in range(200)]
        results = await asyncio.gather(*kids, return_exceptions=True)
        assert all(isinstance(result, UnknownKey) for result in results)
        assert key_server.requests == 2

    async def test_within_the_cooldown_nothing_is_fetched(
        self, cache: JwksCache, key_server: KeyServer, seconds: Seconds
    ) -> None:
        await cache.load()
        seconds.now += 9.9
        with pytest.raises(UnknownKey):
            await cache.key("unknown")
        assert key_server.requests == 1

    async def test_failed_fetches_count_for_the_cooldown(
        self, cache: JwksCache, key_server: KeyServer, seconds: Seconds
    ) -> None:
        await cache.load()
        key_server.status = "503 Service Unavailable"
        seconds.now += 10
        for _ in range(5):
            with pytest.raises(UnknownKey):
                await cache.key("unknown")
        assert key_server.requests == 2

    async def test_new_key_is_found_by_the_shared_fetch(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer, seconds: Seconds
    ) -> None:
        await cache.load()
        second = Signer(kid="key-2")
        key_server.publish(signer, second)
        seconds.now += 10
        keys = await asyncio.gather(*(cache.key(second.kid) for _ in range(20)))
        assert len(keys) == 20
        assert key_server.requests == 2

    async def test_caller_that_gives_up_does_not_end_the_fetch_of_the_others(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer
    ) -> None:
        key_server.answering.clear()
        impatient = asyncio.create_task(cache.key(signer.kid))
        patient = asyncio.create_task(cache.key(signer.kid))
        await key_server.asked(1)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        key_server.answering.set()
        assert await patient
        assert key_server.requests == 1


class TestKnownKey:
    async def test_is_served_while_the_server_hangs(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer, seconds: Seconds
    ) -> None:
        await cache.load()
        key_server.answering.clear()
        seconds.now += 299
        for _ in range(50):
            assert await asyncio.wait_for(cache.key(signer.kid), 0.5)
        await key_server.asked(2)
        assert key_server.requests == 2

    async def test_that_is_no_longer_fresh_is_waited_for_once_and_not_in_an_outage(
        self,
        cache: JwksCache,
        key_server: KeyServer,
        signer: Signer,
        seconds: Seconds,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("servicekit.tokens.jwks.FETCH_TIMEOUT_SECONDS", 0.2)
        await cache.load()
        key_server.answering.clear()
        seconds.now += 301
        assert await asyncio.wait_for(cache.key(signer.kid), 5)
        monkeypatch.setattr("servicekit.tokens.jwks.FETCH_TIMEOUT_SECONDS", 60)
        seconds.now += 10
        for _ in range(50):
            assert await asyncio.wait_for(cache.key(signer.kid), 0.5)
        await key_server.asked(3)
        assert key_server.requests == 3

    async def test_refresh_under_way_is_not_begun_again(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer, seconds: Seconds
    ) -> None:
        await cache.load()
        key_server.answering.clear()
        seconds.now += 250
        for _ in range(20):
            await cache.key(signer.kid)
            seconds.now += 1
        await key_server.asked(2)
        assert key_server.requests == 2

    async def test_is_served_while_the_server_is_down_as_long_as_its_tokens_live(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer, seconds: Seconds
    ) -> None:
        """Fresh for 300 s; then 300 s of the last token and 30 s of leeway."""
        await cache.load()
        await key_server.stop()
        seconds.now += 629
        assert await cache.key(signer.kid)
        seconds.now += 11
        with pytest.raises(AuthUnavailable):
            await cache.key(signer.kid)
        await key_server.start()
        seconds.now += 10
        assert await cache.key(signer.kid)

    async def test_is_not_fetched_again_while_fresh(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer, seconds: Seconds
    ) -> None:
        await cache.load()
        seconds.now += 239
        await cache.key(signer.kid)
        assert key_server.requests == 1

    async def test_that_was_revoked_is_refused_once_it_is_not_fresh_however_idle_we_were(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer, seconds: Seconds
    ) -> None:
        await cache.load()
        key_server.publish(Signer(kid="key-2"))
        seconds.now += 300
        with pytest.raises(UnknownKey):
            await cache.key(signer.kid)
        assert await cache.key("key-2")

    async def test_that_was_revoked_is_refused_to_all_who_ask_at_once(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer, seconds: Seconds
    ) -> None:
        await cache.load()
        key_server.publish(Signer(kid="key-2"))
        seconds.now += 400
        asked = [cache.key(signer.kid) for _ in range(20)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(result, UnknownKey) for result in results)
        assert key_server.requests == 2

    async def test_that_was_revoked_is_refused_without_a_way_to_the_server(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer, seconds: Seconds
    ) -> None:
        """The bound of ADR 0029; a process that starts anew has no keys at all."""
        await cache.load()
        key_server.publish(Signer(kid="key-2"))
        await key_server.stop()
        for _ in range(64):
            await cache.load()
            seconds.now += 10
        with pytest.raises(AuthUnavailable):
            await cache.key(signer.kid)

    async def test_survives_an_answer_without_keys(
        self, cache: JwksCache, key_server: KeyServer, signer: Signer, seconds: Seconds
    ) -> None:
        await cache.load()
        key_server.body = b'{"keys": []}'
        seconds.now += 300
        assert await cache.key(signer.kid)
        assert key_server.requests == 2
