"""Who signs tokens, and where the public keys are published."""

import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ISSUER, AUDIENCE, KID = "http://issuer.test", "chat-gateway", "key-1"


def base64url(raw: bytes) -> str:
    """Without padding. Source: RFC 7515 section 2."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Issuer:
    """An auth service as far as this service knows one. available: whether it answers."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    available: bool = True
    url: str = ""

    def token(self, user_id: UUID, *, seconds: int = 300, audience: str = AUDIENCE) -> str:
        """A token that runs out so many seconds from now."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "sub": str(user_id),
            "iat": min(now, now + seconds - 1),
            "exp": now + seconds,
        }
        parts = ({"alg": "EdDSA", "kid": KID}, claims)
        signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        return f"{signed}.{base64url(self.key.sign(signed.encode()))}"

    @asynccontextmanager
    async def publishing(self) -> AsyncIterator["Issuer"]:
        """Serve the keys until the block ends."""
        app = web.Application()
        app.router.add_get("/jwks", self._keys)
        runner = web.AppRunner(app, shutdown_timeout=0, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/jwks"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _keys(self, _: web.Request) -> web.Response:
        if not self.available:
            return web.Response(status=503)
        public = base64url(self.key.public_key().public_bytes_raw())
        key = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": KID, "x": public}
        return web.json_response({"keys": [key]})
