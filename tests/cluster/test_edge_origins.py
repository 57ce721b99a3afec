"""A page of an origin that is not listed gets 403 at the edge, and again at a pod.

Every request has a good token: what is refused is the origin.
"""

from collections.abc import Callable, Sequence

import pytest
from devstack.people import Person

from tests.cluster.equipment.arrivals import Arrivals
from tests.cluster.equipment.endpoint_client import ARRIVED, EndpointClient, cors_headers, outcome
from tests.equipment.raw_http import Header

Origins = Callable[[str], Sequence[str | bytes]]
"""The listed origin (http://name) → the Origin headers of a request."""

OTHER = "https://evil.example"


def name_of(origin: str) -> str:
    return origin.partition("://")[2]


HOSTILE: dict[str, Origins] = {
    "missing": lambda _: [],
    "empty": lambda _: [""],
    "null": lambda _: ["null"],
    "a wildcard": lambda _: ["*"],
    "another": lambda _: [OTHER],
    "another scheme": lambda o: [f"wss://{name_of(o)}"],
    "a scheme in upper case": lambda o: [f"HTTP://{name_of(o)}"],
    "a host in upper case": lambda o: [o.replace("taskchat", "TASKCHAT")],
    "one letter in upper case": lambda o: [o.replace("taskchat", "Taskchat")],
    "no scheme": lambda o: [name_of(o)],
    "scheme-relative": lambda o: [f"//{name_of(o)}"],
    "another port": lambda o: [f"{o}:8080"],
    "the default port written out": lambda o: [f"{o}:80"],
    "an empty port": lambda o: [f"{o}:"],
    "a longer port of the second one": lambda _: ["http://localhost:30000"],
    "the second one without its port": lambda _: ["http://localhost"],
    "the second one by its address": lambda _: ["http://127.0.0.1:3000"],
    "a trailing slash": lambda o: [f"{o}/"],
    "a path": lambda o: [f"{o}/chat"],
    "a query": lambda o: [f"{o}?x"],
    "a fragment": lambda o: [f"{o}#x"],
    "a trailing dot": lambda o: [f"{o}."],
    "a subdomain": lambda o: [o.replace("://", "://a.")],
    "the parent domain": lambda _: ["http://localhost:80"],
    "as a prefix of another": lambda o: [f"{o}.evil.example"],
    "as a suffix of another": lambda o: [o.replace("://", "://evil")],
    "as userinfo of another": lambda o: [f"{o}@evil.example"],
    "with userinfo": lambda o: [o.replace("://", "://user:pass@")],
    "as a query of another": lambda o: [f"{OTHER}?{o}"],
    "as a fragment of another": lambda o: [f"{OTHER}#{o}"],
    "any character for the dot": lambda o: [o.replace(".", "x")],
    "a hyphen for the dot": lambda o: [o.replace(".", "-")],
    "a Cyrillic letter": lambda o: [o.replace("a", "\u0430", 1)],
    "punycode": lambda o: [o.replace("taskchat", "xn--tskchat-8nf")],
    "a percent-encoded letter": lambda o: [o.replace("t.", "%74.")],
    "a zero-width space": lambda o: [f"{o}\u200b"],
    "a byte that is no UTF-8": lambda o: [o.encode() + b"\xff"],
    "a backslash": lambda o: [f"{o}\\.evil.example"],
    "a space within": lambda o: [o.replace(".", " .")],
    "file": lambda _: ["file://"],
    "an extension": lambda _: ["chrome-extension://abcdefghijklmnop"],
    "a list of both allowed": lambda o: [f"{o}, http://localhost:3000"],
    "a list of an allowed and another": lambda o: [f"{o}, {OTHER}"],
    "two headers, both allowed": lambda o: [o, "http://localhost:3000"],
    "two headers, the same twice": lambda o: [o, o],
    "two headers, the first allowed": lambda o: [o, OTHER],
    "two headers, the second allowed": lambda o: [OTHER, o],
    "two headers, the first null": lambda o: ["null", o],
    "in quotes": lambda o: [f'"{o}"'],
    "very long": lambda o: [o + "a" * 4000],
}

ONE_TO_ENVOY: dict[str, Origins] = {
    "two headers, the first empty": lambda o: ["", o],
    "two headers, the second empty": lambda o: [o, ""],
}
"""Envoy joins lines of one name, and an empty line adds nothing: behind it there is one listed
Origin. No browser sends two, and a program may claim any origin; a pod refuses both."""

hostile = pytest.mark.parametrize("origins", HOSTILE.values(), ids=HOSTILE.keys())


@hostile
async def test_hostile_origin_is_refused_at_the_edge(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person, origins: Origins
) -> None:
    before = await arrivals.count()

    response = await edge_client.request(
        somebody.user_id, await somebody.token(), origins=origins(edge_client.origin)
    )

    assert outcome(response) == (403, "origin_not_allowed"), response
    assert cors_headers(response) == {}
    assert await arrivals.count() == before


@pytest.mark.parametrize(
    "origins", (HOSTILE | ONE_TO_ENVOY).values(), ids=(HOSTILE | ONE_TO_ENVOY).keys()
)
async def test_hostile_origin_is_refused_again_by_a_pod(
    pod_client: EndpointClient, somebody: Person, origins: Origins
) -> None:
    response = await pod_client.request(
        somebody.user_id, await somebody.token(), origins=origins(pod_client.origin)
    )

    assert outcome(response) == (403, "origin_not_allowed"), response
    assert cors_headers(response) == {}


@pytest.mark.parametrize(
    "headers", [[], [("Authorization", "Bearer x.y.z")], [("Authorization", "Basic eDp5")]]
)
@pytest.mark.parametrize("origins", [[], [OTHER], ["null"]])
async def test_origin_is_refused_before_the_token_is_looked_at(
    edge_client: EndpointClient,
    arrivals: Arrivals,
    somebody: Person,
    origins: Sequence[str],
    headers: Sequence[Header],
) -> None:
    before = await arrivals.count()

    response = await edge_client.request(somebody.user_id, None, origins=origins, headers=headers)

    assert outcome(response) == (403, "origin_not_allowed"), response
    assert response.header("www-authenticate") is None
    assert await arrivals.count() == before


@pytest.mark.parametrize("origin", [None, "http://localhost:3000"])
async def test_listed_origin_arrives(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person, origin: str | None
) -> None:
    """The twin of all the others: the same request with another origin goes through."""
    before = await arrivals.count()

    response = await edge_client.request(
        somebody.user_id,
        await somebody.token(),
        origins=None if origin is None else [origin],
    )

    assert outcome(response) == ARRIVED, response
    assert await arrivals.count() == before + 1


@pytest.mark.parametrize("origin", ["null", OTHER, "http://taskchat.localhost.evil.example", ""])
@pytest.mark.parametrize("path", ["jwks", "token", "get-session", "list-sessions"])
async def test_foreign_page_reads_nothing_of_auth(
    edge_client: EndpointClient, somebody: Person, path: str, origin: str
) -> None:
    response = await edge_client.request(
        somebody.user_id,
        None,
        method="GET",
        target=f"/api/auth/{path}",
        origins=[origin],
        body=b"",
    )

    assert outcome(response) == (403, "origin_not_allowed"), response
    assert cors_headers(response) == {}


@pytest.mark.parametrize("origins", [[], ["null"], [OTHER]])
@pytest.mark.parametrize("path", ["sign-in/email", "sign-up/email", "sign-out"])
async def test_nobody_signs_in_from_a_foreign_page_or_from_none(
    edge_client: EndpointClient, somebody: Person, path: str, origins: Sequence[str]
) -> None:
    response = await edge_client.request(
        somebody.user_id, None, target=f"/api/auth/{path}", origins=origins, body=b"{}"
    )

    assert outcome(response) == (403, "origin_not_allowed"), response


async def test_keys_are_read_without_an_origin(
    edge_client: EndpointClient, somebody: Person
) -> None:
    """Browsers send none with a GET of the page's own origin, programs never do."""
    response = await edge_client.request(
        somebody.user_id, None, method="GET", target="/api/auth/jwks", origins=[], body=b""
    )

    assert response.status == 200, response
    assert response.json()["keys"]
