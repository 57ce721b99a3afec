"""One path with one method is routed to chat-gateway; every other is told so by the edge.

The page's paths, which are there to be read, are tests/cluster/test_page.py's.

Every request has a listed origin and a good token.
"""

import pytest
from devstack.people import Person

from tests.cluster.equipment.arrivals import Arrivals
from tests.cluster.equipment.endpoint_client import ARRIVED, EndpointClient, outcome

OTHER = "01990000-0000-7000-8000-000000000000"
"""Nobody's id."""
NOT_FOUND, WRONG_USER = (404, "not_found"), (403, "wrong_user")
WRONG_METHOD = (405, "method_not_allowed")
BAD_REQUEST = (400, "")
"""Envoy's own words, before it looks for a route."""

PATHS: dict[str, tuple[int, str]] = {
    "/": WRONG_METHOD,
    "/config.json": WRONG_METHOD,
    "/account": WRONG_METHOD,
    "/reset-password": WRONG_METHOD,
    "/verify": WRONG_METHOD,
    "/c/ME": WRONG_METHOD,
    "/index.html": NOT_FOUND,
    "/verify/": NOT_FOUND,
    "/c/": NOT_FOUND,
    "/healthz": NOT_FOUND,
    "/readyz": NOT_FOUND,
    "/metrics": NOT_FOUND,
    "/openapi.json": NOT_FOUND,
    "/docs": NOT_FOUND,
    "/mcp": NOT_FOUND,
    "/stats": NOT_FOUND,
    "/api": NOT_FOUND,
    "/api/": NOT_FOUND,
    "/api/ME": NOT_FOUND,
    "/api/ME/": NOT_FOUND,
    "/api/ME/chat/": NOT_FOUND,
    "/api/ME/chat/x": NOT_FOUND,
    "/api/ME/chat.json": NOT_FOUND,
    "/api/ME/chats": NOT_FOUND,
    "/api/ME/CHAT": NOT_FOUND,
    "/API/ME/chat": NOT_FOUND,
    "/api/chat": NOT_FOUND,
    "/api//chat": NOT_FOUND,
    "/chat": NOT_FOUND,
    "/x/api/ME/chat": NOT_FOUND,
    "//api/ME/chat": NOT_FOUND,
    "/api//ME/chat": NOT_FOUND,
    "/api/ME//chat": NOT_FOUND,
    "/api/ME;v=1/chat": NOT_FOUND,
    "/api/ME/chat;v=1": NOT_FOUND,
    "/api/{ME}/chat": NOT_FOUND,
    "/api/ME%20/chat": NOT_FOUND,
    "/api/ME/chat%20": NOT_FOUND,
    "/api/*/chat": NOT_FOUND,
    "/api/../ME/chat": NOT_FOUND,
    "/api/ME/../../healthz": NOT_FOUND,
    "/api/ME/chat/../../../readyz": NOT_FOUND,
    "/api/auth/../../metrics": NOT_FOUND,
    "/api/%2e%2e/healthz": NOT_FOUND,
    "/api/ME%2Fchat": BAD_REQUEST,
    "/api%2fME%2fchat": BAD_REQUEST,
    "/api/ME%5Cchat": BAD_REQUEST,
    "/api/ME/..%2f..%2fhealthz": BAD_REQUEST,
    "/api/ME%00/chat": BAD_REQUEST,
    "/api/OTHER/chat": WRONG_USER,
    "/api/OTHER/chat?user_id=ME": WRONG_USER,
    "/api/ME/../OTHER/chat": WRONG_USER,
    "/api/ME/%2e%2e/OTHER/chat": WRONG_USER,
    "/api/UPPER/chat": WRONG_USER,
    "/api/HEX/chat": WRONG_USER,
    "/api/me/chat": WRONG_USER,
    "/api/0/chat": WRONG_USER,
    "/api/MEME/chat": WRONG_USER,
    "http://evil.example/api/ME/chat": (421, "misdirected_request"),
    "http://HOST/healthz": NOT_FOUND,
}

AUTH_PATHS = (
    "/api/auth",
    "/api/auth/",
    "/api/auth/ok",
    "/api/auth/error",
    "/api/auth/token/",
    "/api/auth//token",
    "/api/auth/sign-in/social",
    "/api/auth/callback/github",
    "/api/auth/reset-password/abc",
    "/api/auth/set-password",
    "/api/auth/two-factor/send-otp",
    "/api/auth/jwks.json",
    "/api/auth/.well-known/openid-configuration",
)

METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")

HOSTS: dict[str, list[str]] = {
    "another": ["evil.example"],
    "another with a port": ["evil.example:80"],
    "a subdomain": ["a.HOST"],
    "as a prefix of another": ["HOST.evil.example"],
    "as a suffix of another": ["evilHOST"],
    "as userinfo": ["HOST@evil.example"],
    "a trailing dot": ["HOST."],
    "the parent domain": ["localhost"],
    "an address": ["127.0.0.1"],
    "an IPv6 address": ["[::1]"],
    "a name inside the cluster": ["taskchat-chat-gateway:8000"],
    "a long name inside the cluster": ["taskchat-chat-gateway.taskchat.svc.cluster.local"],
    "a wildcard": ["*"],
    "a percent-encoded letter": ["%74askchat.localhost"],
    "punycode": ["xn--tskchat-8nf.localhost"],
    "a list": ["HOST, evil.example"],
    "a list, the other way round": ["evil.example, HOST"],
    "two, the first good": ["HOST", "evil.example"],
    "two, the second good": ["evil.example", "HOST"],
    "two, the same": ["HOST", "HOST"],
    "empty": [""],
    "none": [],
}


def spelled(text: str, person: Person, edge_client: EndpointClient) -> str:
    """A path or host with the placeholders filled in."""
    me = str(person.user_id)
    for name, value in {
        "UPPER": me.upper(),
        "HEX": person.user_id.hex,
        "OTHER": OTHER,
        "ME": me,
        "HOST": edge_client.host,
    }.items():
        text = text.replace(name, value)
    return text


@pytest.mark.parametrize(("path", "refusal"), PATHS.items())
async def test_other_path_is_refused_at_the_edge(
    edge_client: EndpointClient,
    arrivals: Arrivals,
    somebody: Person,
    path: str,
    refusal: tuple[int, str],
) -> None:
    response = await arrivals.unmoved_by(
        edge_client.request(
            somebody.user_id, await somebody.token(), target=spelled(path, somebody, edge_client)
        )
    )

    assert outcome(response) == refusal, response


PROBES = {"/healthz", "/readyz"}
"""The kubelet's, who comes past the edge."""
ITS_OWN_PATH = {"http://evil.example/api/ME/chat"}
"""In absolute form, which RFC 9112 wants to be taken. Hosts are the edge's to refuse."""


@pytest.mark.parametrize("path", sorted(PATHS.keys() - PROBES - ITS_OWN_PATH))
async def test_other_path_is_refused_again_by_a_pod(
    pod_client: EndpointClient, somebody: Person, path: str
) -> None:
    """A pod resolves no dot segments: a path that has some is another one there."""
    response = await pod_client.request(
        somebody.user_id, await somebody.token(), target=spelled(path, somebody, pod_client)
    )

    assert response.status in {400, 403, 404, 405}, response


@pytest.mark.parametrize("path", AUTH_PATHS)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_other_path_of_auth_is_not_there(
    edge_client: EndpointClient, somebody: Person, method: str, path: str
) -> None:
    response = await edge_client.request(
        somebody.user_id, None, method=method, target=path, body=b"{}" if method == "POST" else b""
    )

    assert outcome(response) == NOT_FOUND, response


@pytest.mark.parametrize("method", METHODS)
async def test_other_method_is_refused_at_the_edge(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person, method: str
) -> None:
    response = await arrivals.unmoved_by(
        edge_client.request(somebody.user_id, await somebody.token(), method=method, body=b"")
    )

    assert response.status == 405, response
    assert response.header("allow") == "POST"
    if method != "HEAD":
        assert outcome(response) == (405, "method_not_allowed")


@pytest.mark.parametrize("method", METHODS)
async def test_other_method_is_refused_again_by_a_pod(
    pod_client: EndpointClient, somebody: Person, method: str
) -> None:
    response = await pod_client.request(
        somebody.user_id, await somebody.token(), method=method, body=b""
    )

    assert response.status == 405, response


@pytest.mark.parametrize("method", ["CONNECT", "post", "P0ST", "QUERY"])
async def test_what_envoy_knows_as_no_method_is_refused_at_the_edge(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person, method: str
) -> None:
    response = await arrivals.unmoved_by(
        edge_client.request(somebody.user_id, await somebody.token(), method=method)
    )

    assert response.status in {400, 404, 405}, response


@pytest.mark.parametrize("hosts", HOSTS.values(), ids=HOSTS.keys())
async def test_other_host_is_refused_at_the_edge(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person, hosts: list[str]
) -> None:
    response = await arrivals.unmoved_by(
        edge_client.request(
            somebody.user_id,
            await somebody.token(),
            hosts=[spelled(host, somebody, edge_client) for host in hosts],
        )
    )

    assert outcome(response) in {(421, "misdirected_request"), BAD_REQUEST}, response


@pytest.mark.parametrize(
    "target",
    [None, "http://HOST/api/ME/chat", "/api/x/../ME/chat", "/api/ME/%63hat", "/%61pi/ME/chat"],
)
async def test_right_path_arrives_however_it_is_written(
    edge_client: EndpointClient, arrivals: Arrivals, somebody: Person, target: str | None
) -> None:
    """RFC 9112 section 3.2.2: a server takes the absolute form. RFC 3986 sections 5.2.4, 6.2.2.2:
    dots, and encoded letters. Envoy hands on what it has judged."""
    before = await arrivals.count()

    response = await edge_client.request(
        somebody.user_id,
        await somebody.token(),
        target=target and spelled(target, somebody, edge_client),
    )

    assert outcome(response) == ARRIVED, response
    assert await arrivals.count() == before + 1
