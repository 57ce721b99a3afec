"""A signing key of the tests, in the release's own key set: almost good tokens need one.

auth signs only good tokens. The key goes where a published key waits that signs nothing yet: auth
lists it, and it never signs. This is the one thing that the tests write past the API.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from json import dumps

from tests.cluster.equipment.database import open_database_view
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.release import Release
from tests.equipment.issuer import SigningKey
from tests.equipment.waiting import wait_until

LISTED_WITHIN_SECONDS = 120.0
"""auth keeps its keys for 60 s."""
LOOK_SECONDS = 2.0

PLANT = """
    INSERT INTO auth.jwks ("publicKey", "privateKey", alg, crv, "createdAt", "expiresAt")
    VALUES ($1, 'of the tests', 'EdDSA', 'Ed25519', 'epoch', now()) RETURNING id
"""
"""As `rotate-keys publish` does it (services/auth/src/keys/keys.ts, "waiting")."""
FORGET = """DELETE FROM auth.jwks WHERE "privateKey" = 'of the tests'"""
"""Also what a run has left behind that was killed."""


@asynccontextmanager
async def published_key(release: Release, edge: Edge) -> AsyncIterator[SigningKey]:
    """A key that auth lists while the block runs.

    Raises: AssertionError: it was not listed in time.
    """
    key = SigningKey("not known yet")
    public = {name: value for name, value in key.jwk().items() if name in {"kty", "crv", "x"}}
    async with open_database_view(release) as database:
        await database.rows(FORGET)
        (row,) = await database.rows(PLANT, dumps(public))
    planted = SigningKey(str(row["id"]), key.private)
    try:

        async def listed() -> bool:
            async with edge.client() as client:
                answer = await client.get(f"{edge.url}/api/auth/jwks")
            return planted.kid in {one["kid"] for one in answer.json()["keys"]}

        await wait_until(
            "auth lists the planted key", listed, LISTED_WITHIN_SECONDS, every_seconds=LOOK_SECONDS
        )
        yield planted
    finally:
        async with open_database_view(release) as database:
            await database.rows(FORGET)
