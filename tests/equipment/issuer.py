"""An issuer of tokens that the tests own: keys, a key set over HTTP, and tokens of any shape.

The auth service signs only good tokens. To ask whether a token that is almost right is refused,
a test must be able to sign it; so services are started that trust this issuer instead.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import JsonValue

from tests.equipment.local_server import LocalServer, QuietHandler

JWKS_PATH = "/api/auth/jwks"


def base64url(data: bytes) -> str:
    """RFC 7515 section 2: URL-safe alphabet, no padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encoded(part: bytes | Mapping[str, object]) -> str:
    """A part of a token: bytes as they are, a mapping as JSON (NaN and Infinity allowed)."""
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64url(data)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key pair under a key id."""

    kid: str
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate, repr=False)

    @property
    def public_bytes(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.private.public_key().public_bytes_raw()

    @property
    def public_pem(self) -> bytes:
        """The public key as SubjectPublicKeyInfo in PEM."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def jwk(self, **changes: JsonValue) -> dict[str, JsonValue]:
        """The public key as RFC 8037 writes it."""
        x = base64url(self.public_bytes)
        known: dict[str, JsonValue] = {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.kid}
        return known | {"use": "sig", "alg": "EdDSA"} | changes

    def sign(
        self, header: bytes | Mapping[str, object], payload: bytes | Mapping[str, object]
    ) -> str:
        """A compact JWS of exactly this header and payload."""
        signed = f"{encoded(header)}.{encoded(payload)}"
        return f"{signed}.{base64url(self.private.sign(signed.encode()))}"


class KeyServer(LocalServer):
    """Serves one key set, and remembers which paths were asked for; `url` is the issuer too."""

    def __init__(self, keys: Sequence[Mapping[str, JsonValue]]) -> None:
        body = json.dumps({"keys": list(keys)}).encode()
        seen: list[str] = []

        class Handler(QuietHandler):
            def do_GET(self) -> None:
                seen.append(self.path)
                self.answer("application/json", body)

        self.paths_seen = seen
        super().__init__(Handler)
