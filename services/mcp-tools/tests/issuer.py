"""An issuer of tokens: keys of its own, and a JWKS that is served over HTTP."""

import base64
import json
import time
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ISSUER = "http://issuer.test"
AUDIENCE = "mcp-tools"
KEY_ID = "k1"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """Signs what it is asked to."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    def token(self, user_id: UUID, **changes: object) -> str:
        """A good token of this user, with these claims changed."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "iat": now,
            "exp": now + 300,
            **changes,
        }
        header = {"alg": "EdDSA", "kid": KEY_ID, "typ": "JWT"}
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{_base64url(self._key.sign(signed.encode()))}"

    def key_server(self) -> Starlette:
        """An app that serves the key set at `/jwks`."""
        key = {
            "kty": "OKP",
            "crv": "Ed25519",
            "alg": "EdDSA",
            "use": "sig",
            "kid": KEY_ID,
            "x": _base64url(self._key.public_key().public_bytes_raw()),
        }

        async def jwks(_: Request) -> Response:
            return JSONResponse({"keys": [key]})

        return Starlette(routes=[Route("/jwks", jwks)])
