"""What a browser is told: by the edge as by the gateway, for listed origins only.

Source: Fetch standard, "CORS protocol"; chat_gateway.api.middleware.origin.
"""

from collections.abc import Sequence

import pytest
from chat_gateway.api.middleware.origin import (
    ALLOWED_HEADERS,
    EXPOSED_HEADERS,
    PREFLIGHT_SECONDS,
)
from devstack.people import Person

from tests.cluster.equipment.arrivals import Arrivals
from tests.cluster.equipment.endpoint_client import ARRIVED, EndpointClient, cors_headers, outcome
from tests.equipment.raw_http import Header, RawResponse

SECOND_ORIGIN = "http://localhost:3000"
ASKS_POST: Header = ("Access-Control-Request-Method", "POST")
ASKS_HEADERS: Header = ("Access-Control-Request-Headers", "authorization, content-type")


def words(text: str | None) -> set[str]:
    return {word.strip() for word in (text or "").split(",")}


async def preflight(
    edge_client: EndpointClient,
    person: Person,
    origins: Sequence[str],
    headers: Sequence[Header] = (ASKS_POST, ASKS_HEADERS),
    target: str | None = None,
) -> RawResponse:
    return await edge_client.request(
        person.user_id,
        None,
        method="OPTIONS",
        target=target,
        origins=origins,
        headers=headers,
        body=b"",
    )


@pytest.mark.parametrize(
    "origins",
    [[], ["null"], ["https://evil.example"], [SECOND_ORIGIN + "/"], [SECOND_ORIGIN, "null"]],
)
async def test_preflight_of_another_origin_is_refused(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person, origins: Sequence[str]
) -> None:
    before = await arrivals.count()

    response = await preflight(edge_client, somebody, origins)

    assert outcome(response) == (403, "origin_not_allowed"), response
    assert cors_headers(response) == {}
    assert await arrivals.count() == before


@pytest.mark.parametrize("asked", ["GET", "PUT", "DELETE", "PATCH"])
async def test_preflight_for_another_method_is_refused(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person, asked: str
) -> None:
    before = await arrivals.count()

    response = await preflight(
        edge_client, somebody, [edge_client.origin], [("Access-Control-Request-Method", asked)]
    )

    assert outcome(response) == (405, "method_not_allowed"), response
    assert "access-control-allow-methods" not in cors_headers(response)
    assert await arrivals.count() == before


async def test_preflight_for_another_path_is_refused(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person
) -> None:
    before = await arrivals.count()

    response = await preflight(edge_client, somebody, [edge_client.origin], target="/metrics")

    assert outcome(response) == (404, "not_found"), response
    assert cors_headers(response) == {}
    assert await arrivals.count() == before


@pytest.mark.parametrize("origin", [None, SECOND_ORIGIN])
async def test_preflight_of_a_listed_origin_is_answered_by_the_edge(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person, origin: str | None
) -> None:
    asking = origin or edge_client.origin
    before = await arrivals.count()

    response = await preflight(edge_client, somebody, [asking])

    assert response.status == 200, response
    assert response.header("access-control-allow-origin") == asking
    assert words(response.header("access-control-allow-methods")) == {"POST"}
    assert words(response.header("access-control-allow-headers")) == words(ALLOWED_HEADERS)
    assert response.header("access-control-max-age") == str(PREFLIGHT_SECONDS)
    assert response.header("access-control-allow-credentials") is None
    assert await arrivals.count() == before, "a preflight is the edge's to answer"


async def test_answer_can_be_read_by_its_page_and_by_no_other(
    edge_client: EndpointClient, somebody: Person
) -> None:
    """The gateway and the edge both set these: once each, not twice."""
    response = await edge_client.request(somebody.user_id, await somebody.token())

    assert outcome(response) == ARRIVED, response
    allowed = [value for name, value in response.headers if name == "access-control-allow-origin"]
    assert allowed == [edge_client.origin]
    assert words(response.header("access-control-expose-headers")) == words(EXPOSED_HEADERS)
    assert "Origin" in (response.header("vary") or "")


@pytest.mark.parametrize("token", [None, "x.y.z"])
async def test_refusal_can_be_read_by_a_listed_page(
    edge_client: EndpointClient, somebody: Person, token: str | None
) -> None:
    """Or a page could not tell that it must fetch a new token."""
    response = await edge_client.request(somebody.user_id, token)

    assert outcome(response) == (401, "unauthenticated"), response
    assert response.header("access-control-allow-origin") == edge_client.origin
    assert response.header("vary") == "Origin"
    assert response.json().keys() >= {"type", "title", "status", "detail", "instance", "code"}


@pytest.mark.parametrize(
    ("path", "method"), [("token", "GET"), ("get-session", "GET"), ("sign-in/email", "POST")]
)
async def test_page_of_a_listed_origin_may_use_its_session_at_auth(
    edge_client: EndpointClient, somebody: Person, path: str, method: str
) -> None:
    response = await preflight(
        edge_client,
        somebody,
        [SECOND_ORIGIN],
        [("Access-Control-Request-Method", method)],
        target=f"/api/auth/{path}",
    )

    assert response.status == 200, response
    assert response.header("access-control-allow-origin") == SECOND_ORIGIN
    assert response.header("access-control-allow-credentials") == "true"
    assert words(response.header("access-control-allow-headers")) >= {
        "authorization",
        "content-type",
    }
