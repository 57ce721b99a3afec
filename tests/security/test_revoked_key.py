"""A signing key leaked: what the thief forges is refused soon after its revocation (ADR 0029)."""

import json
import subprocess
import time
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
from devstack.deployment import node_binary
from devstack.processes import ManagedProcess
from devstack.stack import Stack, base_url
from servicekit.problems import AuthUnavailable, Unauthenticated
from servicekit.tokens.jwks import FRESH_SECONDS, JwksCache
from servicekit.tokens.verifier import TokenVerifier

from tests.conftest import Connect
from tests.equipment.chat import User, answer, refusal, say
from tests.equipment.database import DatabaseView
from tests.equipment.issuer import JWKS_PATH, SigningKey
from tests.equipment.tools import rpc

PLANT = """
    INSERT INTO auth.jwks ("publicKey", "privateKey", alg, crv, "createdAt", "expiresAt")
    VALUES ($1, 'the thief has it', 'EdDSA', 'Ed25519', now() - interval '1 day', now())
    RETURNING id
"""
"""A retired key, whose private half is known."""
READY_SECONDS = 120.0
"""For a start on a machine that does much else."""
LONGEST_SECONDS = 630
"""How old keys may be that a verifier uses which cannot ask for newer ones."""


class Seconds:
    """A clock that goes on by itself, and further when the test says so."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
async def leaked(stack: Stack, database: DatabaseView) -> SigningKey:
    """A key that auth lists, and somebody else holds."""
    key = SigningKey("not known yet")
    public = {name: value for name, value in key.jwk().items() if name in {"kty", "crv", "x"}}
    return SigningKey(str(await database.value(PLANT, json.dumps(public))), key.private)


@pytest.fixture
def own_auth(stack: Stack, leaked: SigningKey) -> ManagedProcess:
    """A replica of auth that has read the key."""
    return stack.add_process("auth", f"auth-{leaked.kid}")


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False) as client:
        yield client


def issuer_of(stack: Stack) -> str:
    """Whom the services of the stack believe."""
    return stack.env("chat-gateway")["AUTH_ISSUER"]


def forged(stack: Stack, key: SigningKey, victim: UUID) -> str:
    """What a thief signs: as fresh and as good as any."""
    now = int(time.time())
    claims = {
        "iss": issuer_of(stack),
        "aud": ["chat-gateway", "mcp-tools"],
        "sub": str(victim),
        "iat": now,
        "exp": now + 300,
    }
    return key.sign({"alg": "EdDSA", "typ": "JWT", "kid": key.kid}, claims)


def revoke(stack: Stack, kid: str) -> str:
    """The operator's command, as the operator runs it: with the owner's URL."""
    done = subprocess.run(
        [str(node_binary()), "services/auth/dist/rotate-keys.js", "revoke", kid],
        env=stack.deployment.migration_env("auth"),
        cwd=stack.deployment.root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_forged_token_is_refused_by_services_that_start_anew(
    stack: Stack, own_auth: ManagedProcess, leaked: SigningKey
) -> None:
    """The runbook's way: auth first, then who reads its keys."""
    trust = {"AUTH_JWKS_URL": base_url(own_auth) + JWKS_PATH}
    tools = stack.add_process("mcp-tools", f"tools-{leaked.kid}", **trust)
    tools_url = base_url(tools)
    gateway = stack.add_process(
        "chat-gateway", f"gateway-{leaked.kid}", **trust, MCP_URL=f"{tools_url}/mcp"
    )
    victim = uuid4()
    thief = User(victim, forged(stack, leaked, victim))
    answer(await say(base_url(gateway), thief, "show my tasks"))

    assert f"key {leaked.kid} is revoked" in revoke(stack, leaked.kid)
    for process in (own_auth, tools, gateway):
        process.restart(READY_SECONDS)

    thief = User(victim, forged(stack, leaked, victim))
    refusal(await say(base_url(gateway), thief, "show my tasks"), 401, "unauthenticated")
    called = await rpc(
        tools_url, "tools/list", {}, headers=[("Authorization", f"Bearer {thief.token}")]
    )
    assert called.status == 401


async def test_forged_token_is_refused_by_a_verifier_that_goes_on(
    stack: Stack, own_auth: ManagedProcess, leaked: SigningKey, client: httpx2.AsyncClient
) -> None:
    """Until its copy is no longer fresh it cannot know; `own_auth` is restarted for auth's 60 s."""
    seconds = Seconds()
    keys = JwksCache(base_url(own_auth) + JWKS_PATH, client, clock=seconds)
    verifier = TokenVerifier(keys, issuer_of(stack), "chat-gateway")
    victim = uuid4()
    await verifier.verify(forged(stack, leaked, victim))
    revoke(stack, leaked.kid)
    own_auth.restart(READY_SECONDS)
    await verifier.verify(forged(stack, leaked, victim))
    seconds.ahead = FRESH_SECONDS
    with pytest.raises(Unauthenticated):
        await verifier.verify(forged(stack, leaked, victim))
    await keys.close()


async def test_forged_token_is_refused_by_a_verifier_that_cannot_reach_auth(
    stack: Stack, own_auth: ManagedProcess, leaked: SigningKey, client: httpx2.AsyncClient
) -> None:
    seconds = Seconds()
    keys = JwksCache(base_url(own_auth) + JWKS_PATH, client, clock=seconds)
    verifier = TokenVerifier(keys, issuer_of(stack), "chat-gateway")
    victim = uuid4()
    await verifier.verify(forged(stack, leaked, victim))
    revoke(stack, leaked.kid)
    own_auth.stop()
    seconds.ahead = FRESH_SECONDS
    await verifier.verify(forged(stack, leaked, victim))
    seconds.ahead = LONGEST_SECONDS
    with pytest.raises(AuthUnavailable):
        await verifier.verify(forged(stack, leaked, victim))
    await keys.close()


@pytest.mark.parametrize(
    "statement",
    [
        """INSERT INTO auth.jwks ("publicKey", "privateKey", "createdAt")
           VALUES ('{}', '{}', now())""",
        """UPDATE auth.jwks SET "publicKey" = '{}'""",
        """UPDATE auth.jwks SET "expiresAt" = NULL""",
        "DELETE FROM auth.jwks",
        "TRUNCATE auth.jwks",
    ],
)
async def test_role_that_serves_cannot_change_keys(connect: Connect, statement: str) -> None:
    """Whoever has its password, or an SQL injection in auth, can speak for nobody by a key."""
    role = await connect("auth")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await role.execute(statement)
