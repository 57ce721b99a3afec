"""Messages are limited for each person, whatever address or header they come with."""

from typing import Any

import pytest
from devstack.people import Person

from tests.cluster.equipment.arrivals import watched_arrivals
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.endpoint_client import ARRIVED, EndpointClient, outcome
from tests.cluster.equipment.kubectl import Kubectl
from tests.cluster.equipment.release import Release
from tests.equipment.raw_http import Header

MOST_REQUESTS = 3_000
"""More would make this the longest test of all."""


async def messages_a_minute(kubectl: Kubectl, policy: str) -> int:
    """The release's limit. Skips where there is none, or one that takes too long to reach."""
    found: dict[str, Any] = await kubectl.get(
        "backendtrafficpolicies.gateway.envoyproxy.io", policy
    )
    if "rateLimit" not in found["spec"]:
        pytest.skip("this release limits nobody (edge.rateLimit.enabled=false)")
    limit = int(found["spec"]["rateLimit"]["local"]["rules"][0]["limit"]["requests"])
    if limit > MOST_REQUESTS:
        pytest.skip(f"{limit} messages a minute are more than a test can send")
    return limit


async def test_person_over_the_limit_is_refused_at_the_edge_and_nobody_else_is(
    release: Release, edge: Edge, person: Person, somebody: Person
) -> None:
    limit = await messages_a_minute(release.kubectl, release.resource("edge-chat"))
    edge_client, token = EndpointClient.of(edge), await person.token()
    async with watched_arrivals(release) as arrivals:
        before, arrived = await arrivals.count(), 0
        for _ in range(2 * limit + 10):
            response = await edge_client.request(person.user_id, token)
            if outcome(response) != ARRIVED:
                break
            arrived += 1

        assert outcome(response) == (429, "rate_limited"), f"after {arrived} messages: {response}"
        assert arrived >= limit
        assert int(response.header("retry-after") or 0) >= 1
        assert response.header("access-control-allow-origin") == edge_client.origin
        assert await arrivals.count() == before + arrived, "what is refused does not arrive"

        forged: list[Header] = [("x-auth-sub", str(somebody.user_id)), ("X-Real-IP", "192.0.2.1")]
        again = [await edge_client.request(person.user_id, token, headers=forged) for _ in range(5)]
        assert (429, "rate_limited") in {outcome(one) for one in again}
        other = await edge_client.request(somebody.user_id, await somebody.token())
        assert outcome(other) == ARRIVED, "somebody else is not held responsible"
