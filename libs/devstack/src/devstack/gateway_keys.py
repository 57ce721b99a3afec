"""The pair of keys by which chat-gateway proves itself to mcp-tools, as PEM for their settings."""

from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


@dataclass(frozen=True)
class GatewayKeys:
    """GATEWAY_PROOF_KEY and GATEWAY_PROOF_PUBLIC_KEYS."""

    private: str = field(repr=False)
    public: str

    @classmethod
    def of(cls, secret: str) -> Self:
        """Make the pair of a secret: always the same one. Args: secret: 256 bits, URL-safe."""
        return cls._pair(Ed25519PrivateKey.from_private_bytes(urlsafe_b64decode(f"{secret}=")))

    @classmethod
    def new(cls) -> Self:
        """Make a pair that nobody knows."""
        return cls._pair(Ed25519PrivateKey.generate())

    @classmethod
    def _pair(cls, key: Ed25519PrivateKey) -> Self:
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return cls(private.decode(), public.decode())
