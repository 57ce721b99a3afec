"""chat-gateway and mcp-tools once more, trusting keys that the tests hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from devstack.deployment import Kind
from devstack.processes import ManagedProcess
from devstack.stack import Stack, base_url
from pydantic import JsonValue

from tests.equipment.issuer import JWKS_PATH, KeyServer, SigningKey, base64url
from tests.security.borders import Border
from tests.security.forge import Forge, ec_jwk, rsa_jwk
from tests.security.hostile_origins import ALLOWED_ORIGINS


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys, and the two key sets: the one that services read, and the stranger's."""

    good: SigningKey
    encryption: SigningKey
    stranger: SigningKey
    rsa_key: rsa.RSAPrivateKey
    ec_key: ec.EllipticCurvePrivateKey
    trusted: KeyServer
    strangers: KeyServer

    @property
    def settings(self) -> dict[str, str]:
        """What makes a service trust the issuer of the tests."""
        return {"AUTH_ISSUER": self.trusted.url, "AUTH_JWKS_URL": self.trusted.url + JWKS_PATH}

    def border(self, service: Kind, process: ManagedProcess) -> Border:
        """A service, and a forge of tokens for it in the name of a fresh user."""
        forge = Forge(
            issuer=self.trusted.url,
            audience=service,
            user_id=uuid4(),
            good=self.good,
            encryption=self.encryption,
            rsa_key=self.rsa_key,
            ec_key=self.ec_key,
            stranger=self.stranger,
            stranger_url=self.strangers.url + JWKS_PATH,
        )
        return Border(service, base_url(process), forge, self.trusted, self.strangers)


def x25519_jwk() -> dict[str, JsonValue]:
    """A key for agreeing on secrets, which can sign nothing."""
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "X25519", "kid": "x25519", "x": base64url(public)}


@pytest.fixture(scope="session")
def trust() -> Iterator[Trust]:
    """The key set holds more than the one good key, as real ones do."""
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
        yield Trust(good, encryption, stranger, rsa_key, ec_key, trusted, strangers)


@pytest.fixture(scope="session")
def trusting_tools(stack: Stack, trust: Trust) -> Iterator[ManagedProcess]:
    """mcp-tools that trusts the issuer of the tests."""
    process = stack.add_process("mcp-tools", "mcp-tools-trusting-tests", **trust.settings)
    yield process
    process.kill()


@pytest.fixture(scope="session")
def trusting_gateway(
    stack: Stack, trust: Trust, trusting_tools: ManagedProcess
) -> Iterator[ManagedProcess]:
    """chat-gateway that trusts the issuer of the tests, and calls tools that do so too."""
    process = stack.add_process(
        "chat-gateway",
        "chat-gateway-trusting-tests",
        **trust.settings,
        MCP_URL=f"{base_url(trusting_tools)}/mcp",
        ALLOWED_ORIGINS=",".join(ALLOWED_ORIGINS),
    )
    yield process
    process.kill()


@pytest.fixture(scope="session")
def gateway_border(trust: Trust, trusting_gateway: ManagedProcess) -> Border:
    """chat-gateway, seen by a forger."""
    return trust.border("chat-gateway", trusting_gateway)


@pytest.fixture(scope="session")
def tools_border(trust: Trust, trusting_tools: ManagedProcess) -> Border:
    """mcp-tools, seen by a forger."""
    return trust.border("mcp-tools", trusting_tools)


@pytest.fixture
def border(request: pytest.FixtureRequest) -> Border:
    """One of the two services, by an indirect parameter, and a forge for a user of this test."""
    name = {"chat-gateway": "gateway_border", "mcp-tools": "tools_border"}[request.param]
    found: Border = request.getfixturevalue(name)
    return found.for_somebody_else()
