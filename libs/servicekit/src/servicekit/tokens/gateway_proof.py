"""The gateway's proof: that a request is the gateway's own, shown by a signature and no call.

A person's token tells a service for whom something is asked; it cannot tell who asks. The gateway
signs each request with a key of its own (Ed25519), and whoever has its public key knows that this
token, this moment and this body came from it together. Nothing is kept on either side, and a proof
that is sent again proves the same request again, no other.

The statement: a fixed text with a version, the SHA-256 of the token's text, the SHA-256 of the
body, and `turn-started-at` as it stands in its header. The header: the body's digest and the
signature, so that the signature is judged before a body is read.

Source: ADR 0035.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

PROOF_HEADER: Final = "gateway-proof"
MAX_PUBLIC_KEYS: Final = 4
"""So many signatures are checked at most: the one in use, the next, and two that were forgotten."""
_STATEMENT: Final = b"taskchat gateway proof 1\n"
_DIGEST_BYTES: Final = 32
_PROOF: Final = re.compile(r"[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{86}")
_BLOCK: Final = re.compile(
    r"-----BEGIN (?P<kind>PUBLIC KEY|CERTIFICATE)-----\s.*?-----END (?P=kind)-----", re.DOTALL
)


class GatewaySigner:
    """Signs requests with the gateway's key. Holds nothing of a request."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def from_pem(cls, pem: str) -> Self:
        """Read the key as `openssl genpkey -algorithm ed25519` writes it.

        Raises: ValueError: it is something else, in words for an operator; nothing of it in them.
        """
        try:
            key = load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError):
            raise ValueError("must be an unencrypted private key in PEM") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("must be an Ed25519 key")
        return cls(key)

    def proof(self, *, token: str, turn_started_at: str, body: bytes) -> str:
        """Sign a request.

        Args: token: after `Bearer `. turn_started_at: that header, as it is sent.
        Returns: the value of `gateway-proof`.
        """
        digest = sha256(body).digest()
        signature = self._key.sign(_statement(token, turn_started_at, digest))
        return f"{_encode(digest)}.{_encode(signature)}"


class ProvenBody:
    """What a proof says of the body that is yet to be read."""

    def __init__(self, digest: bytes) -> None:
        self._digest = digest

    def is_of(self, body: bytes) -> bool:
        """Whether this is the body that was signed."""
        return hmac.compare_digest(self._digest, sha256(body).digest())


class GatewayProofs:
    """Judges proofs by the gateway's public keys: one, and more while keys are changed."""

    def __init__(self, keys: Sequence[Ed25519PublicKey]) -> None:
        self._keys = tuple(keys)

    @classmethod
    def from_pem(cls, pem: str) -> Self:
        """Read public keys or certificates, one after the other; of a certificate the key counts.

        Raises: ValueError: none, too many, another kind of key, or something beside them.
        """
        blocks = [found.group() for found in _BLOCK.finditer(pem)]
        if not blocks or _BLOCK.sub("", pem).strip():
            raise ValueError("must be public keys in PEM, one after the other, and nothing else")
        if len(blocks) > MAX_PUBLIC_KEYS:
            raise ValueError(f"must be at most {MAX_PUBLIC_KEYS} keys")
        return cls([_public_key(block) for block in blocks])

    def check(self, proof: str, *, token: str, turn_started_at: str) -> ProvenBody | None:
        """Judge a request before its body is read.

        Args: proof: the value of `gateway-proof`. token, turn_started_at: as they were sent.
        Returns: what to hold the body against; None: the gateway has not signed this.
        """
        if _PROOF.fullmatch(proof) is None:
            return None
        digest, signature = (_decode(part) for part in proof.split("."))
        if len(digest) != _DIGEST_BYTES:
            return None
        statement = _statement(token, turn_started_at, digest)
        if any(_is_signed(key, signature, statement) for key in self._keys):
            return ProvenBody(digest)
        return None


def _statement(token: str, turn_started_at: str, body_digest: bytes) -> bytes:
    token_digest = sha256(token.encode()).digest()
    return _STATEMENT + token_digest + body_digest + turn_started_at.encode()


def _is_signed(key: Ed25519PublicKey, signature: bytes, statement: bytes) -> bool:
    try:
        key.verify(signature, statement)
    except InvalidSignature:
        return False
    return True


def _public_key(block: str) -> Ed25519PublicKey:
    key: object
    try:
        if "BEGIN CERTIFICATE" in block:
            key = x509.load_pem_x509_certificate(block.encode()).public_key()
        else:
            key = load_pem_public_key(block.encode())
    except ValueError:
        raise ValueError("holds a key or certificate that cannot be read") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("must hold Ed25519 keys only")
    return key


def _encode(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def _decode(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
