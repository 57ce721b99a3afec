"""The token check: a table of hostile tokens, of which none is accepted."""

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey
from servicekit.problems import AuthUnavailable, Unauthenticated
from servicekit.tokens.jwks import JwksCache
from servicekit.tokens.verifier import TokenVerifier

from .key_server import KeyServer, Signer

ISSUER, AUDIENCE = "https://auth.example.com", "chat-gateway"
SUBJECT = "0198aaaa-bbbb-7ccc-8ddd-eeeeffff0000"
LEEWAY = 30


class At(float):
    """Seconds from the moment at which the token is made."""


def claims(**changes: object) -> dict[str, object]:
    """Good claims, with changes; `...` takes one away."""
    now = time.time()
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "iat": At(0), "exp": At(300)}
    return {
        name: now + value if isinstance(value, At) else value
        for name, value in {**good, **changes}.items()
        if value is not ...
    }


@pytest.fixture
async def verifier(
    key_server: KeyServer, client: httpx2.AsyncClient
) -> AsyncIterator[TokenVerifier]:
    cache = JwksCache(key_server.url, client)
    await cache.load()
    yield TokenVerifier(cache, ISSUER, AUDIENCE)
    await cache.close()


HOSTILE_CLAIMS: dict[str, dict[str, object]] = {
    "no exp": {"exp": ...},
    "no iat": {"iat": ...},
    "no sub": {"sub": ...},
    "no iss": {"iss": ...},
    "no aud": {"aud": ...},
    "expired": {"iat": At(-400), "exp": At(-LEEWAY - 5)},
    "exp as text": {"exp": "9999999999"},
    "exp as bool": {"exp": True},
    "exp null": {"exp": None},
    "exp as list": {"exp": [9_999_999_999]},
    "exp negative": {"exp": -1},
    "exp huge": {"exp": 10**400},
    "exp after the last year": {"exp": 10**15, "iat": 10**15 - 300},
    "iat as text": {"iat": "1"},
    "iat as bool": {"iat": True},
    "iat in the future": {"iat": At(LEEWAY + 60), "exp": At(300)},
    "nbf in the future": {"nbf": At(LEEWAY + 60)},
    "nbf as text": {"nbf": "0"},
    "nbf null": {"nbf": None},
    "exp before iat": {"iat": At(20), "exp": At(10)},
    "lives 61 minutes": {"exp": At(3660)},
    "lives a year": {"iat": At(-86_400 * 364), "exp": At(86_400)},
    "issuer of another": {"iss": "https://evil.example.com"},
    "issuer with a slash": {"iss": ISSUER + "/"},
    "issuer in upper case": {"iss": ISSUER.upper()},
    "issuers as list": {"iss": [ISSUER]},
    "audience of another": {"aud": "mcp-tools"},
    "audience with a prefix": {"aud": AUDIENCE + "-x"},
    "audience empty": {"aud": ""},
    "audiences empty": {"aud": []},
    "audiences of others": {"aud": ["mcp-tools", "web"]},
    "audiences with a number": {"aud": [AUDIENCE, 1]},
    "audiences nested": {"aud": [[AUDIENCE]]},
    "audience as object": {"aud": {AUDIENCE: True}},
    "subject empty": {"sub": ""},
    "subject as number": {"sub": 42},
    "subject as list": {"sub": [SUBJECT]},
    "subject no UUID": {"sub": "someone"},
    "subject in upper case": {"sub": SUBJECT.upper()},
    "subject in braces": {"sub": f"{{{SUBJECT}}}"},
    "subject as URN": {"sub": f"urn:uuid:{SUBJECT}"},
    "subject without hyphens": {"sub": SUBJECT.replace("-", "")},
    "subject with a blank": {"sub": f" {SUBJECT}"},
    "subject with a NUL": {"sub": f"{SUBJECT}\0"},
}

HOSTILE_HEADERS: dict[str, dict[str, object]] = {
    "no alg": {"kid": "key-1"},
    "alg none": {"alg": "none", "kid": "key-1"},
    "alg in lower case": {"alg": "eddsa", "kid": "key-1"},
    "alg Ed25519": {"alg": "Ed25519", "kid": "key-1"},
    "alg HS256": {"alg": "HS256", "kid": "key-1"},
    "alg RS256": {"alg": "RS256", "kid": "key-1"},
    "alg as list": {"alg": ["EdDSA"], "kid": "key-1"},
    "no kid": {"alg": "EdDSA"},
    "kid unknown": {"alg": "EdDSA", "kid": "key-9"},
    "kid empty": {"alg": "EdDSA", "kid": ""},
    "kid as number": {"alg": "EdDSA", "kid": 1},
    "kid as list": {"alg": "EdDSA", "kid": ["key-1"]},
    "kid too long": {"alg": "EdDSA", "kid": "k" * 129},
    "kid as path": {"alg": "EdDSA", "kid": "../../etc/passwd"},
    "crit": {"alg": "EdDSA", "kid": "key-1", "crit": ["exp"], "exp": 1},
    "crit empty": {"alg": "EdDSA", "kid": "key-1", "crit": []},
    "b64 false": {"alg": "EdDSA", "kid": "key-1", "b64": False, "crit": ["b64"]},
    "own key": {"alg": "EdDSA", "kid": "key-1", "jwk": Signer().public},
    "key by URL": {"alg": "EdDSA", "kid": "key-1", "jku": "https://evil.example.com/jwks"},
    "certificate by URL": {"alg": "EdDSA", "kid": "key-1", "x5u": "https://evil.example.com"},
    "typ of another use": {"alg": "EdDSA", "kid": "key-1", "typ": "dpop+jwt"},
    "typ as list": {"alg": "EdDSA", "kid": "key-1", "typ": ["JWT"]},
}


async def assert_refused(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await verifier.verify(token)
    assert caught.value.status == 401
    assert len(token) < 40 or token not in str(caught.value)


class TestHostileTokens:
    @pytest.mark.parametrize("name", HOSTILE_CLAIMS)
    async def test_claims_are_refused(
        self, verifier: TokenVerifier, signer: Signer, name: str
    ) -> None:
        await assert_refused(verifier, signer.token(claims(**HOSTILE_CLAIMS[name])))

    @pytest.mark.parametrize("name", HOSTILE_HEADERS)
    async def test_headers_are_refused(
        self, verifier: TokenVerifier, signer: Signer, name: str
    ) -> None:
        await assert_refused(verifier, signer.token(claims(), HOSTILE_HEADERS[name]))

    async def test_header_that_brings_its_own_rules_causes_no_fetch(
        self, key_server: KeyServer, client: httpx2.AsyncClient, signer: Signer
    ) -> None:
        cache = JwksCache(key_server.url, client, cooldown_seconds=0)
        await cache.load()
        verifier = TokenVerifier(cache, ISSUER, AUDIENCE)
        for header in HOSTILE_HEADERS.values():
            if header.keys() > {"alg", "kid"}:
                await assert_refused(verifier, signer.token(claims(), {**header, "kid": "unknown"}))
        assert key_server.requests == 1

    async def test_key_of_another_is_refused(self, verifier: TokenVerifier) -> None:
        stranger = Signer(kid="key-1", key=Ed25519PrivateKey.generate())
        await assert_refused(verifier, stranger.token(claims()))

    async def test_secret_made_of_the_public_key_is_refused(
        self, verifier: TokenVerifier, signer: Signer
    ) -> None:
        secret = OctKey.import_key(str(signer.public["x"]))
        header = {"alg": "HS256", "kid": signer.kid}
        forged = jws.serialize_compact(header, json.dumps(claims()), secret, algorithms=["HS256"])
        await assert_refused(verifier, forged)

    async def test_other_kind_of_key_is_refused(
        self, verifier: TokenVerifier, signer: Signer
    ) -> None:
        header = {"alg": "ES256", "kid": signer.kid}
        forged = jws.serialize_compact(
            header, json.dumps(claims()), ECKey.generate_key("P-256"), algorithms=["ES256"]
        )
        await assert_refused(verifier, forged)

    async def test_text_that_is_no_token_is_refused(
        self, verifier: TokenVerifier, signer: Signer
    ) -> None:
        header, payload, signature = signer.token(claims()).split(".")
        for text in (
            "",
            ".",
            "..",
            "a.b.c",
            header,
            f"{header}.{payload}",
            f"{header}.{payload}.",
            f"{header}..{signature}",
            f".{payload}.{signature}",
            f"{header}.{payload}.{signature}.",
            f"{header}.{payload}.{signature}.{signature}.{signature}",
            f"{header}=.{payload}.{signature}",
            f"{header}.{payload}=.{signature}",
            f"{header}.{payload}.{signature}==",
            f"{header}.{payload}.{signature}A",
            f"{header}.{payload}.{signature[:-1]}",
            f"{header}.{payload}.{signature[:-1]}" + ("B" if signature[-1] != "B" else "C"),
            f" {header}.{payload}.{signature}",
            f"{header}.{payload}.{signature}\n",
            f"{header}\n.{payload}.{signature}",
            f"{header}.{payload}.ünï",
            f"{header}+.{payload}.{signature}",
            "Bearer " + f"{header}.{payload}.{signature}",
        ):
            await assert_refused(verifier, text)

    @pytest.mark.parametrize(
        "header",
        [
            b"",
            b"null",
            b"[]",
            b'"EdDSA"',
            b"{",
            b'{"alg":"none","alg":"EdDSA","kid":"key-1"}',
            b'{"alg":"EdDSA","kid":"key-2","kid":"key-1"}',
            '{"alg":"EdDSA","kid":"key-1"}'.encode("utf-16"),
            b'\xef\xbb\xbf{"alg":"EdDSA","kid":"key-1"}',
            b'{"alg":"EdDSA","kid":"key-1","typ":NaN}',
            b'{"alg":"EdDSA","kid":"\xff"}',
            b'{"a":' * 490 + b"1",
            b"[" * 2900,
        ],
    )
    async def test_bytes_that_are_no_header_are_refused(
        self, verifier: TokenVerifier, signer: Signer, header: bytes
    ) -> None:
        await assert_refused(verifier, signer.sign(header, b"{}"))

    async def test_bytes_that_are_no_claims_are_refused(
        self, verifier: TokenVerifier, signer: Signer
    ) -> None:
        header = json.dumps({"alg": "EdDSA", "kid": signer.kid}).encode()
        good = json.dumps(claims()).encode()
        for payload in (
            b"",
            b"null",
            b"[" + good + b"]",
            good[:-1],
            good + good,
            good[:-1] + b',"sub":"00000000-0000-7000-8000-000000000000"}',
            good[:-1] + b',"exp":9999999999}',
            good[:-1] + b',"nbf":NaN}',
            good[:-1] + b',"nbf":Infinity}',
            good[:-1] + b',"nbf":1e999}',
            good.decode().encode("utf-16"),
            b"[" * 2500,
        ):
            await assert_refused(verifier, signer.sign(header, payload))

    async def test_token_over_4096_bytes_is_refused_unread(
        self, verifier: TokenVerifier, signer: Signer
    ) -> None:
        token = signer.token(claims(padding="x" * 3000))
        assert len(token) > 4096
        await assert_refused(verifier, token)

    @given(position=st.integers(min_value=0), replacement=st.characters(codec="ascii"))
    @settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
    async def test_any_changed_character_is_refused(
        self, verifier: TokenVerifier, signer: Signer, position: int, replacement: str
    ) -> None:
        token = signer.token(claims())
        position %= len(token)
        changed = token[:position] + replacement + token[position + 1 :]
        if changed != token:
            await assert_refused(verifier, changed)

    @given(text=st.text(max_size=300))
    @settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
    async def test_any_text_is_refused(self, verifier: TokenVerifier, text: str) -> None:
        await assert_refused(verifier, text)

    @given(
        value=st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=5,
        ),
        name=st.sampled_from(["iss", "aud", "sub", "nbf"]),
    )
    @settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
    async def test_any_other_value_of_a_claim_is_refused(
        self, verifier: TokenVerifier, signer: Signer, name: str, value: object
    ) -> None:
        if name == "nbf" and isinstance(value, float) and 0 <= value <= time.time():
            return
        await assert_refused(verifier, signer.token(claims(**{name: value})))


class TestGoodTokens:
    async def test_says_who_speaks(self, verifier: TokenVerifier, signer: Signer) -> None:
        issued_at = int(time.time())
        token = signer.token(claims(iat=issued_at, exp=issued_at + 300))
        identity = await verifier.verify(token)
        assert identity.user_id == UUID(SUBJECT)
        assert identity.issued_at == datetime.fromtimestamp(issued_at, UTC)
        assert (identity.expires_at - identity.issued_at).total_seconds() == 300
        assert identity.token == token
        assert token not in repr(identity)

    @pytest.mark.parametrize(
        "changes",
        [
            {"aud": [AUDIENCE, "mcp-tools"]},
            {"aud": ["mcp-tools", AUDIENCE]},
            {"exp": At(3600), "iat": At(0)},
            {"nbf": At(-10)},
            {"iat": At(LEEWAY - 20), "exp": At(300)},
            {"iat": At(-300), "exp": At(-LEEWAY + 20)},
            {"email": "someone@example.com"},
        ],
    )
    async def test_is_accepted(
        self, verifier: TokenVerifier, signer: Signer, changes: dict[str, object]
    ) -> None:
        assert await verifier.verify(signer.token(claims(**changes)))

    async def test_typ_jwt_is_accepted(self, verifier: TokenVerifier, signer: Signer) -> None:
        header = {"alg": "EdDSA", "kid": signer.kid, "typ": "JWT"}
        assert await verifier.verify(signer.token(claims(), header))


class TestUnavailable:
    async def test_without_keys_no_token_is_judged(
        self, key_server: KeyServer, client: httpx2.AsyncClient, signer: Signer
    ) -> None:
        await key_server.stop()
        verifier = TokenVerifier(JwksCache(key_server.url, client), ISSUER, AUDIENCE)
        with pytest.raises(AuthUnavailable):
            await verifier.verify(signer.token(claims()))
        await assert_refused(verifier, signer.token(claims(), {"alg": "none", "kid": "key-1"}))
        await key_server.start()


class TestTurnThatOutlivesItsToken:
    """ADR 0005: `good_at` is the moment at which the turn began."""

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

    @pytest.mark.parametrize("seconds_ago", [31, 300, 1e6, -31, -1e6])
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

    async def test_moment_in_the_future_within_the_leeway_is_now(
        self, graceful: TokenVerifier, signer: Signer
    ) -> None:
        with pytest.raises(Unauthenticated, match="expired"):
            await graceful.verify(signer.token(claims(**self.EXPIRED)), good_at=self.moment(-20))

    async def test_without_grace_it_does_not_help(
        self, verifier: TokenVerifier, signer: Signer
    ) -> None:
        with pytest.raises(Unauthenticated, match="expired"):
            await verifier.verify(signer.token(claims(**self.EXPIRED)), good_at=self.moment(25))

    async def test_no_other_check_changes(self, graceful: TokenVerifier, signer: Signer) -> None:
        for changes in HOSTILE_CLAIMS.values():
            if changes.get("exp", 0) is ... or "expired" in str(changes):
                continue
            with pytest.raises(Unauthenticated):
                await graceful.verify(signer.token(claims(**changes)), good_at=self.moment(1))

    async def test_turn_goes_on_with_the_token_it_began_with(
        self, graceful: TokenVerifier, signer: Signer
    ) -> None:
        token = signer.token(claims(**self.EXPIRED))
        assert await graceful.verify(token, good_at=self.moment(25))
