"""Sizes, framings and headers that nobody may trust: judged by the edge before a pod sees them."""

import json
from collections.abc import Sequence

import pytest
from devstack.people import Person

from tests.cluster.equipment.arrivals import Arrivals
from tests.cluster.equipment.endpoint_client import ARRIVED, EndpointClient, outcome
from tests.equipment.raw_http import Header

LIMIT_BYTES = 131_072
SIGN_INS_A_MINUTE = 10
"""services/auth/src/accounts/auth.ts"""

TOO_LARGE = json.dumps({"message": "x" * LIMIT_BYTES}).encode()

HOSTILE_HEADERS: dict[str, tuple[Sequence[Header], set[int]]] = {
    "an underscore in a name": ([("x_auth_sub", "me")], {400}),
    "an underscore for a hyphen": ([("idempotency_key", "me")], {400}),
    "a header of 70 KiB": ([("x-large", "a" * 70_000)], {431}),
    "two hundred headers": ([(f"x-{number}", "a") for number in range(200)], {431}),
    "a space in a name": ([("x large", "a")], {400}),
    "a NUL in a value": ([("x-nul", "a\x00b")], {400}),
    "an upgrade": ([("Connection", "upgrade"), ("Upgrade", "websocket")], {400, 403}),
}
"""Header lines, and how Envoy may refuse them in its own words."""

SMUGGLED: dict[str, Sequence[Header]] = {
    "two lengths": [("Content-Length", "5")],
    "length and chunks": [("Transfer-Encoding", "chunked")],
    "chunks spelled otherwise": [("Transfer-Encoding", "xchunked")],
    "chunks twice": [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
    "chunks, then nothing": [("Transfer-Encoding", "chunked, identity")],
}
"""Headers beside a right Content-Length: a body that ends in two places."""


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
async def test_body_over_the_limit_is_refused_at_the_edge(
    edge_client: EndpointClient,
    pod_client: EndpointClient,
    arrivals: Arrivals,
    somebody: Person,
    chunked: bool,
) -> None:
    token = await somebody.token()
    before = await arrivals.count()

    response = await edge_client.request(somebody.user_id, token, body=TOO_LARGE, chunked=chunked)

    assert outcome(response) == (413, "body_too_large"), response
    assert response.header("access-control-allow-origin") == edge_client.origin
    assert await arrivals.count() == before
    again = await pod_client.request(somebody.user_id, token, body=TOO_LARGE, chunked=chunked)
    assert outcome(again) == (413, "body_too_large"), again


async def test_stranger_with_a_large_body_is_told_that_he_is_one(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person
) -> None:
    before = await arrivals.count()

    response = await edge_client.request(somebody.user_id, "x.y.z", body=TOO_LARGE)

    assert outcome(response) == (401, "unauthenticated"), response
    assert await arrivals.count() == before


@pytest.mark.parametrize(
    ("headers", "statuses"), HOSTILE_HEADERS.values(), ids=HOSTILE_HEADERS.keys()
)
async def test_hostile_header_is_refused_at_the_edge(
    edge_client: EndpointClient,
    arrivals: Arrivals,
    somebody: Person,
    headers: Sequence[Header],
    statuses: set[int],
) -> None:
    before = await arrivals.count()

    response = await edge_client.request(somebody.user_id, await somebody.token(), headers=headers)

    assert response.status in statuses, response
    assert await arrivals.count() == before


@pytest.mark.parametrize("headers", SMUGGLED.values(), ids=SMUGGLED.keys())
async def test_body_that_ends_in_two_places_is_refused_at_the_edge(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person, headers: Sequence[Header]
) -> None:
    before = await arrivals.count()

    response = await edge_client.request(somebody.user_id, await somebody.token(), headers=headers)

    assert response.status in {400, 501}, response
    assert await arrivals.count() == before


async def test_body_at_the_limit_arrives(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person
) -> None:
    """The twin of the refused one: as long as the contract allows, and 422 for its contents."""
    body = b'{"message": 7}'.ljust(LIMIT_BYTES)
    before = await arrivals.count()

    response = await edge_client.request(somebody.user_id, await somebody.token(), body=body)

    assert outcome(response) == ARRIVED, response
    assert await arrivals.count() == before + 1


async def test_client_cannot_make_the_edge_repeat_or_cut_a_request(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person
) -> None:
    """Headers by which Envoys instruct each other."""
    asked: list[Header] = [
        ("x-envoy-retry-on", "5xx,retriable-4xx,retriable-status-codes"),
        ("x-envoy-retriable-status-codes", "422"),
        ("x-envoy-max-retries", "5"),
        ("x-envoy-upstream-rq-timeout-ms", "1"),
    ]
    before = await arrivals.count()

    response = await edge_client.request(somebody.user_id, await somebody.token(), headers=asked)

    assert outcome(response) == ARRIVED, response
    assert await arrivals.count() == before + 1


async def test_nobody_escapes_the_limit_of_sign_ins_by_another_address(
    edge_client: EndpointClient, somebody: Person
) -> None:
    """auth counts by the address that the edge hands over, whatever the client says it is."""

    async def sign_in(number: int) -> tuple[int, str]:
        address = f"198.51.100.{number}"
        claimed: list[Header] = [
            ("X-Real-IP", address),
            ("X-Forwarded-For", address),
            ("Forwarded", f"for={address}"),
            ("x-envoy-external-address", address),
            ("x-taskchat-client-address", address),
        ]
        response = await edge_client.request(
            somebody.user_id,
            None,
            target="/api/auth/sign-in/email",
            headers=claimed,
            body=b"{}",
        )
        return outcome(response)

    answers = [await sign_in(number) for number in range(SIGN_INS_A_MINUTE + 3)]

    assert answers[-1] == (429, "rate_limited"), answers
    assert {status for status, _ in answers} == {400, 429}, answers
