"""What a forger has at hand: a good token to change, keys of all kinds, and time."""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from pydantic import JsonValue

from tests.equipment.issuer import SigningKey, base64url, encoded

ISSUED_SECONDS_AGO = 5
LIFETIME_SECONDS = 300
AUDIENCES = ("chat-gateway", "mcp-tools")
OTHER_AUDIENCE = "somebody-else"


@dataclass(frozen=True, slots=True)
class Forge:
    """Makes tokens for one service.

    issuer: the exact `iss` that the service trusts. audience: the service's own `aud`.
    user_id: whom every forged token claims to be. good: the key that the issuer publishes for
    signing. encryption: an Ed25519 key that it publishes with `use: enc`. rsa_key, ec_key: keys of
    other kinds that it publishes under their kids `rsa` and `ec`. stranger: a key that nobody
    publishes. stranger_url: a key set with the stranger's key, under the good key's kid.
    """

    issuer: str
    audience: str
    user_id: UUID
    good: SigningKey
    encryption: SigningKey
    rsa_key: rsa.RSAPrivateKey = field(repr=False)
    ec_key: ec.EllipticCurvePrivateKey = field(repr=False)
    stranger: SigningKey
    stranger_url: str

    @property
    def neighbour(self) -> str:
        """The audience of the other service."""
        return next(audience for audience in AUDIENCES if audience != self.audience)

    @property
    def now(self) -> int:
        """Unix seconds."""
        return int(time.time())

    def claims(self, **changes: object) -> dict[str, object]:
        """The claims of a good token, with changes."""
        issued_at = self.now - ISSUED_SECONDS_AGO
        return {
            "iss": self.issuer,
            "aud": [OTHER_AUDIENCE, *AUDIENCES],
            "sub": str(self.user_id),
            "iat": issued_at,
            "exp": issued_at + LIFETIME_SECONDS,
        } | changes

    def claims_without(self, name: str) -> dict[str, object]:
        """The claims of a good token but one."""
        return {key: value for key, value in self.claims().items() if key != name}

    def header(self, **changes: object) -> dict[str, object]:
        """The header of a good token, with changes."""
        return {"alg": "EdDSA", "kid": self.good.kid} | changes

    def good_token(self) -> str:
        """A token with nothing wrong."""
        return self.good.sign(self.header(), self.claims())

    def with_claims(self, **changes: object) -> str:
        """A token that is good but for these claims."""
        return self.good.sign(self.header(), self.claims(**changes))

    def with_header(self, **changes: object) -> str:
        """A token that is good, and rightly signed, but for these members of its header."""
        return self.good.sign(self.header(**changes), self.claims())

    def by_stranger(self, **changes: object) -> str:
        """A token of the stranger, who says in the header whatever helps."""
        return self.stranger.sign(self.header(**changes), self.claims())


Forgery = Callable[[Forge], str]


def compact(
    header: bytes | Mapping[str, object],
    payload: bytes | Mapping[str, object],
    sign: Callable[[bytes], bytes],
) -> str:
    """A compact JWS under any signature."""
    signed = f"{encoded(header)}.{encoded(payload)}"
    return f"{signed}.{base64url(sign(signed.encode()))}"


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    """HMAC with SHA-256."""
    return lambda data: hmac.digest(secret, data, hashlib.sha256)


def rs256(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    """RSASSA-PKCS1-v1_5 with SHA-256."""
    return lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def ps256(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    """RSASSA-PSS with SHA-256."""
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
    return lambda data: key.sign(data, pss, hashes.SHA256())


def es256(key: ec.EllipticCurvePrivateKey) -> Callable[[bytes], bytes]:
    """ECDSA on P-256 with SHA-256, in JWS's fixed-width form."""

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def rsa_jwk(key: rsa.RSAPrivateKey, **changes: JsonValue) -> dict[str, JsonValue]:
    """The public half as a JWK, kid `rsa`."""
    numbers = key.public_key().public_numbers()
    known: dict[str, JsonValue] = {
        "kty": "RSA",
        "kid": "rsa",
        "n": base64url(numbers.n.to_bytes(256, "big")),
        "e": base64url(numbers.e.to_bytes(3, "big")),
    }
    return known | changes


def ec_jwk(key: ec.EllipticCurvePrivateKey, **changes: JsonValue) -> dict[str, JsonValue]:
    """The public half as a JWK, kid `ec`."""
    numbers = key.public_key().public_numbers()
    known: dict[str, JsonValue] = {
        "kty": "EC",
        "crv": "P-256",
        "kid": "ec",
        "x": base64url(numbers.x.to_bytes(32, "big")),
        "y": base64url(numbers.y.to_bytes(32, "big")),
    }
    return known | changes


def rsa_pem(key: rsa.RSAPrivateKey) -> bytes:
    """The public half as SubjectPublicKeyInfo in PEM."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
