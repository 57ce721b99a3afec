"""chat-gateway and mcp-tools once more, trusting keys that the tests hold."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from devstack.stack import Stack, base_url
from pydantic import JsonValue

from tests.equipment.issuer import JWKS_PATH, KeyServer, SigningKey, base64url
from tests.security.borders import Border
from tests.security.forge import Forge, ec_jwk, rsa_jwk
from tests.security.hostile_origins import ALLOWED_ORIGINS

AUDIENCES = ("chat-gateway", "mcp-tools")


def x25519_jwk() -> dict[str, JsonValue]:
    """A key for agreeing on secrets, which can sign nothing."""
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "X25519", "kid": "x25519", "x": base64url(public)}


@pytest.fixture(scope="session")
def borders(stack: Stack) -> Iterator[dict[str, Border]]:
    """Both services, by name. Their key set holds more than the one good key, as real ones do."""
    good, encryption, stranger = SigningKey("good"), SigningKey("encryption"), SigningKey("good")
    rsa_key = rsa.generate_private_key(65537, 2048)
    ec_key = ec.generate_private_key(ec.SECP256R1())
    published = [
        rsa_jwk(rsa_key),
        ec_jwk(ec_key),
        x25519_jwk(),
        encryption.jwk(use="enc"),
        good.jwk(),
    ]
    with KeyServer(published) as trusted, KeyServer([stranger.jwk()]) as strangers:
        trust = {"AUTH_ISSUER": trusted.url, "AUTH_JWKS_URL": trusted.url + JWKS_PATH}
        tools = stack.add_process("mcp-tools", "mcp-tools-trusting-tests", **trust)
        gateway = stack.add_process(
            "chat-gateway",
            "chat-gateway-trusting-tests",
            **trust,
            MCP_URL=f"{base_url(tools)}/mcp",
            ALLOWED_ORIGINS=",".join(ALLOWED_ORIGINS),
        )
        urls = {"chat-gateway": base_url(gateway), "mcp-tools": base_url(tools)}

        def forge(audience: str, user_id: UUID) -> Forge:
            return Forge(
                issuer=trusted.url,
                audience=audience,
                user_id=user_id,
                good=good,
                encryption=encryption,
                rsa_key=rsa_key,
                ec_key=ec_key,
                stranger=stranger,
                stranger_url=strangers.url + JWKS_PATH,
            )

        yield {
            service: Border(service, urls[service], forge(service, uuid4()), trusted, strangers)
            for service in AUDIENCES
        }


@pytest.fixture
def border(request: pytest.FixtureRequest, borders: dict[str, Border]) -> Border:
    """One of the two services; tests name it by an indirect parameter."""
    found: Border = borders[request.param]
    return found
