"""A real HTTP server of keys that can be stopped, slowed or lie; and a signer of tokens."""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def encode(raw: bytes) -> str:
    """base64url without padding. Source: RFC 7515 section 2."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True)
class Signer:
    """One key pair, as the auth service holds it."""

    kid: str = "key-1"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public(self) -> dict[str, object]:
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": self.kid, "x": encode(raw)}

    def sign(self, header: bytes, payload: bytes) -> str:
        """Sign any bytes as header and payload, well-formed or not."""
        signing_input = f"{encode(header)}.{encode(payload)}"
        return f"{signing_input}.{encode(self.key.sign(signing_input.encode()))}"

    def token(
        self, claims: Mapping[str, object], header: Mapping[str, object] | None = None
    ) -> str:
        """Sign claims under `{"alg": "EdDSA", "kid": ...}` or another header."""
        chosen = {"alg": "EdDSA", "kid": self.kid} if header is None else dict(header)
        return self.sign(json.dumps(chosen).encode(), json.dumps(claims).encode())


class KeyServer:
    """Serves a JWKS on one loopback port, also after it was stopped and started again."""

    def __init__(self, *signers: Signer) -> None:
        self.status = "200 OK"
        self.headers = ""
        self.body = json.dumps({"keys": [signer.public for signer in signers]}).encode()
        self.requests = 0
        self.answering = asyncio.Event()
        self.answering.set()
        self._asked = asyncio.Condition()
        self._port = 0
        self._server: asyncio.Server | None = None

    def publish(self, *signers: Signer) -> None:
        self.body = json.dumps({"keys": [signer.public for signer in signers]}).encode()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/jwks"

    async def start(self) -> Self:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def asked(self, times: int) -> None:
        """Wait until so many requests have come in all, at most 5 s."""
        async with asyncio.timeout(5), self._asked:
            await self._asked.wait_for(lambda: self.requests >= times)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        async with self._asked:
            self.requests += 1
            self._asked.notify_all()
        await self.answering.wait()
        head = f"HTTP/1.1 {self.status}\r\n{self.headers}Connection: close\r\n"
        writer.write(f"{head}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body)
        await writer.drain()
        writer.close()
