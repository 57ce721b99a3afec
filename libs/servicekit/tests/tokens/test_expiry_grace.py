"""ADR 0005: a token is judged at the moment at which its turn began."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import pytest
from servicekit.problems import Unauthenticated
from servicekit.tokens.jwks import JwksCache
from servicekit.tokens.verifier import TokenVerifier

from .hostile_tokens import AUDIENCE, HOSTILE_CLAIMS, ISSUER, LEEWAY, At, claims
from .key_server import KeyServer, Signer


class TestTurnThatOutlivesItsToken:
    EXPIRED = {"iat": At(-300), "exp": At(-LEEWAY - 10)}  # noqa: RUF012 - read only

    @pytest.fixture
    async def graceful(
        self, key_server: KeyServer, client: httpx2.AsyncClient
    ) -> AsyncIterator[TokenVerifier]:
        cache = JwksCache(key_server.url, client)
        yield TokenVerifier(cache, ISSUER, AUDIENCE, expiry_grace_seconds=30)
        await cache.close()

    @staticmethod
    def moment(seconds_ago: float) -> datetime:
        return datetime.fromtimestamp(time.time() - seconds_ago, UTC)

    @pytest.mark.parametrize("seconds_ago", [31, 300, 1e6, -20, -31, -1e6])
    async def test_moment_too_old_or_in_the_future_does_not_help(
        self, graceful: TokenVerifier, signer: Signer, seconds_ago: float
    ) -> None:
        with pytest.raises(Unauthenticated, match="expired"):
            await graceful.verify(
                signer.token(claims(**self.EXPIRED)), good_at=self.moment(seconds_ago)
            )

    async def test_token_that_was_over_when_the_turn_began_is_refused(
        self, graceful: TokenVerifier, signer: Signer
    ) -> None:
        long_over = claims(iat=At(-300), exp=At(-LEEWAY - 29))
        with pytest.raises(Unauthenticated, match="expired"):
            await graceful.verify(signer.token(long_over), good_at=self.moment(20))

    async def test_moment_in_the_future_does_not_make_a_good_token_old(
        self, graceful: TokenVerifier, signer: Signer
    ) -> None:
        assert await graceful.verify(signer.token(claims()), good_at=self.moment(-1e6))

    async def test_without_grace_it_does_not_help(
        self, verifier: TokenVerifier, signer: Signer
    ) -> None:
        with pytest.raises(Unauthenticated, match="expired"):
            await verifier.verify(signer.token(claims(**self.EXPIRED)), good_at=self.moment(25))

    async def test_no_other_check_changes(self, graceful: TokenVerifier, signer: Signer) -> None:
        for changes in HOSTILE_CLAIMS.values():
            with pytest.raises(Unauthenticated):
                await graceful.verify(signer.token(claims(**changes)), good_at=self.moment(1))

    async def test_turn_goes_on_with_the_token_it_began_with(
        self, graceful: TokenVerifier, signer: Signer
    ) -> None:
        token = signer.token(claims(**self.EXPIRED))
        assert await graceful.verify(token, good_at=self.moment(25))
