"""The token check: a table of hostile tokens, of which none is accepted."""

import json
import time
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

from .hostile_tokens import (
    AUDIENCE,
    HOSTILE_CLAIMS,
    HOSTILE_HEADERS,
    ISSUER,
    LEEWAY,
    SUBJECT,
    At,
    claims,
)
from .key_server import KeyServer, Signer


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
            {"exp": At(300), "iat": At(0)},
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
