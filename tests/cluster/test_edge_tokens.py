"""No token but a right one gets past the edge, and none at all past a pod.

Almost good tokens are signed with a key that auth really lists (published_key), by the tables of
tests/security. What Envoy cannot judge is named below, and is refused by the gateway behind it.
"""

from collections.abc import AsyncIterator, Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from devstack.people import Person

from tests.cluster.equipment.arrivals import Arrivals
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.endpoint_client import ARRIVED, EndpointClient, outcome
from tests.cluster.equipment.published_key import published_key
from tests.cluster.equipment.release import Release
from tests.equipment.issuer import SigningKey
from tests.equipment.raw_http import Header, RawResponse
from tests.equipment.waiting import wait_until
from tests.security.forge import Forge, Forgery
from tests.security.hostile_claims import AUDIENCES, GOOD, ISSUERS, MISSING, SUBJECTS, TIMES
from tests.security.hostile_headers import ALGORITHMS, EXTENSIONS, KEY_IDS, OWN_KEYS
from tests.security.hostile_shapes import NOT_CLAIMS, SIZES, TAMPERED
from tests.security.presentations import HOSTILE_PRESENTATIONS, Presentation

ALL: Mapping[str, Forgery] = {
    **ALGORITHMS,
    **KEY_IDS,
    **OWN_KEYS,
    **EXTENSIONS,
    **MISSING,
    **ISSUERS,
    **AUDIENCES,
    **SUBJECTS,
    **TIMES,
    **TAMPERED,
    **NOT_CLAIMS,
    **SIZES,
}
NOT_HOSTILE_HERE = {"iss by another name of the host"}
"""It names a local issuer by another name, and this one has a name of its own."""
HOSTILE = {name: forgery for name, forgery in ALL.items() if name not in NOT_HOSTILE_HERE}
REFUSED = {401, 403}
UNREADABLE = {400, 431}
"""How an HTTP server refuses a header that it does not read to its end."""
KNOWN_TO_ENVOY_WITHIN_SECONDS = 150.0
"""Envoy asks for the keys every 60 s, on a busy machine."""
JUDGED_BEHIND = {
    *EXTENSIONS,
    "kid missing",
    "kid empty",
    "expired just past the leeway",
    "issued just past the leeway in the future",
    "issued tomorrow",
    "signature spelled otherwise",
}
"""Hostile tokens that Envoy lets through, and the gateway refuses. Envoy reads no `crit` and no
`iat`, tries all keys without a `kid`, decodes base64 leniently, and gives `exp` 60 s."""


ONE_TO_ENVOY = {"the header twice, the first empty"}
"""Envoy joins lines of one name, and an empty line adds nothing: behind it there is one header."""


@pytest.fixture(scope="module")
async def planted(release: Release, edge: Edge) -> AsyncIterator[SigningKey]:
    async with published_key(release, edge) as key:
        yield key


@pytest.fixture(scope="module")
async def forge(
    planted: SigningKey, edge: Edge, edge_client: EndpointClient, somebody: Person
) -> Forge:
    """Makes tokens for somebody, once the edge believes the planted key."""
    forge = Forge(
        issuer=edge.url,
        audience="chat-gateway",
        user_id=somebody.user_id,
        good=planted,
        encryption=SigningKey("encryption"),
        rsa_key=rsa.generate_private_key(65537, 2048),
        ec_key=ec.generate_private_key(ec.SECP256R1()),
        stranger=SigningKey(planted.kid),
        stranger_url="http://127.0.0.1:9/api/auth/jwks",
    )

    async def believed() -> bool:
        return outcome(await edge_client.request(forge.user_id, forge.good_token())) == ARRIVED

    await wait_until(
        "the edge and the gateway believe the planted key",
        believed,
        KNOWN_TO_ENVOY_WITHIN_SECONDS,
        every_seconds=2.0,
    )
    return forge


def is_refusal(response: RawResponse, token: str) -> None:
    """Refused, and the answer does not repeat the token."""
    assert response.status in REFUSED | (UNREADABLE if len(token) > 8_000 else set()), response
    assert len(token) < 20 or token.encode() not in response.body


def asked_of(person: Person, shown: Presentation) -> str:
    """The endpoint, with the query that belongs to the presentation."""
    return f"/api/{person.user_id}/chat" + (f"?{shown.query}" if shown.query else "")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", sorted(HOSTILE.keys() - JUDGED_BEHIND))
async def test_hostile_token_is_refused_at_the_edge(
    edge_client: EndpointClient, arrivals: Arrivals, forge: Forge, name: str
) -> None:
    token = HOSTILE[name](forge)
    before = await arrivals.count()

    response = await edge_client.request(forge.user_id, token)

    is_refusal(response, token)
    assert await arrivals.count() == before


@pytest.mark.parametrize("name", sorted(JUDGED_BEHIND))
async def test_hostile_token_that_envoy_cannot_judge_is_refused_behind_it(
    edge_client: EndpointClient, arrivals: Arrivals, forge: Forge, name: str
) -> None:
    """When this fails because nothing arrives, Envoy has learnt it: shorten the list."""
    token = HOSTILE[name](forge)
    before = await arrivals.count()

    response = await edge_client.request(forge.user_id, token)

    assert outcome(response) == (401, "unauthenticated"), response
    assert await arrivals.count() == before + 1


@pytest.mark.parametrize("name", sorted(HOSTILE))
async def test_hostile_token_is_refused_again_by_a_pod(
    pod_client: EndpointClient, forge: Forge, name: str
) -> None:
    token = HOSTILE[name](forge)

    response = await pod_client.request(forge.user_id, token)

    is_refusal(response, token)


@pytest.mark.parametrize("name", sorted(GOOD))
async def test_good_token_of_the_same_key_arrives(
    edge_client: EndpointClient, arrivals: Arrivals, forge: Forge, name: str
) -> None:
    """The twin of all the others: nothing is wrong with this one, and so it goes through."""
    before = await arrivals.count()

    response = await edge_client.request(forge.user_id, GOOD[name](forge))

    assert outcome(response) == ARRIVED, response
    assert await arrivals.count() == before + 1


@pytest.mark.parametrize("name", sorted(HOSTILE_PRESENTATIONS.keys() - ONE_TO_ENVOY))
async def test_good_token_handed_over_in_another_way_is_refused_at_the_edge(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person, name: str
) -> None:
    shown = HOSTILE_PRESENTATIONS[name](await somebody.token())
    before = await arrivals.count()

    response = await edge_client.request(
        somebody.user_id, None, target=asked_of(somebody, shown), headers=shown.headers
    )

    assert outcome(response) == (401, "unauthenticated"), response
    assert (response.header("www-authenticate") or "").startswith("Bearer")
    assert response.header("access-control-allow-origin") == edge_client.origin
    assert await arrivals.count() == before


@pytest.mark.parametrize("name", sorted(HOSTILE_PRESENTATIONS))
async def test_good_token_handed_over_in_another_way_is_refused_again_by_a_pod(
    pod_client: EndpointClient, somebody: Person, name: str
) -> None:
    shown = HOSTILE_PRESENTATIONS[name](await somebody.token())

    response = await pod_client.request(
        somebody.user_id, None, target=asked_of(somebody, shown), headers=shown.headers
    )

    assert outcome(response) == (401, "unauthenticated"), response


async def test_nobody_speaks_for_another(
    edge_client: EndpointClient,
    pod_client: EndpointClient,
    arrivals: Arrivals,
    somebody: Person,
    person: Person,
) -> None:
    token = await person.token()
    before = await arrivals.count()

    at_edge = await edge_client.request(somebody.user_id, token)

    assert outcome(at_edge) == (403, "wrong_user"), at_edge
    assert await arrivals.count() == before
    at_pod = await pod_client.request(somebody.user_id, token)
    assert outcome(at_pod) == (403, "wrong_user"), at_pod


@pytest.mark.parametrize("name", ["x-auth-sub", "X-Auth-Sub", "x-taskchat-sub", "x-user-id"])
async def test_nobody_speaks_for_another_by_a_header_of_the_edge(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person, person: Person, name: str
) -> None:
    forged: list[Header] = [(name, str(somebody.user_id))]
    before = await arrivals.count()

    response = await edge_client.request(somebody.user_id, await person.token(), headers=forged)

    assert outcome(response) == (403, "wrong_user"), response
    assert await arrivals.count() == before


async def test_session_token_is_no_token(
    edge_client: EndpointClient, arrivals: Arrivals, edge: Edge, somebody: Person
) -> None:
    """What auth gives to a browser's page opens auth, and nothing else."""
    session = "a" * 32 + "." + "b" * 43 + "="
    before = await arrivals.count()

    response = await edge_client.request(somebody.user_id, session)

    assert outcome(response) == (401, "unauthenticated"), response
    assert await arrivals.count() == before
