"""The page through the edge: its files, for everybody and with their headers, and nothing beside.

What a browser makes of them is tests/cluster/test_browser.py's.
"""

import re
from collections.abc import AsyncIterator, Sequence
from uuid import UUID, uuid4

import httpx2
import pytest

from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.endpoint_client import EndpointClient, cors_headers, outcome
from tests.cluster.equipment.port_forward import port_forward
from tests.cluster.equipment.release import Release
from tests.equipment.raw_http import RawResponse

PAGE_PORT = 3000
NOBODY = UUID("01990000-0000-7000-8000-000000000000")
PAGES = ("/", f"/c/{NOBODY}", "/account", "/reset-password", "/verify")
PATHS = (*PAGES, "/config.json", "/favicon.svg")
OTHERS = (
    *("/healthz", "/readyz", "/metrics", "/index.html", "/server.js", "/package.json"),
    *("/c", "/c/", "/c/new", f"/c/{NOBODY}/", f"/c/{NOBODY}x", f"/C/{NOBODY}", "/favicon.ico"),
    *("/assets", "/assets/", "/assets/.a", "/assets/a/b.js", "/config.json/", "/config.JSON"),
    *("//", "//assets/a.js", "/assets/../healthz", "/assets/%2e%2e/server.js"),
)
NOT_FOUND, WRONG_METHOD = (404, "not_found"), (405, "method_not_allowed")
FOREIGN = (403, "origin_not_allowed")
ASSET = re.compile(r'(?:src|href)="(/assets/[^"]+)"')
OF_ONE_CONNECTION = {"date", "connection", "keep-alive", "transfer-encoding"}

every_path = pytest.mark.parametrize("path", PATHS)


@pytest.fixture(scope="module")
async def pod(release: Release) -> AsyncIterator[httpx2.AsyncClient]:
    """The server of the page's files, past the edge."""
    target = f"deployment/{release.resource('web')}"
    async with (
        port_forward(release.kubectl, target, PAGE_PORT) as port,
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
async def assets(edge: Edge, browser: httpx2.AsyncClient) -> list[str]:
    """The paths of what the page loads."""
    return ASSET.findall((await browser.get(f"{edge.url}/")).text)


async def ask(
    edge_client: EndpointClient,
    path: str,
    method: str = "GET",
    origins: Sequence[str] = (),
    body: bytes = b"",
) -> RawResponse:
    """One request, byte for byte; without an Origin unless there are some."""
    return await edge_client.request(
        NOBODY, None, method=method, target=path, origins=origins, body=body
    )


@every_path
async def test_everybody_is_given_the_page(
    edge: Edge, browser: httpx2.AsyncClient, path: str
) -> None:
    """Without a token and without an Origin, as who types its address."""
    response = await browser.get(f"{edge.url}{path}")

    assert response.status_code == 200, response.text
    headers = response.headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert [name for name in headers if name.startswith("access-control-")] == []
    assert ("strict-transport-security" in headers) == edge.url.startswith("https://")


async def test_address_of_a_conversation_is_the_page(
    edge: Edge, browser: httpx2.AsyncClient
) -> None:
    page = await browser.get(f"{edge.url}/")
    conversation = await browser.get(f"{edge.url}/c/{uuid4()}")

    assert conversation.text == page.text
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-cache"


async def test_what_the_page_loads_is_there_and_kept_for_ever(
    edge: Edge, browser: httpx2.AsyncClient, assets: list[str]
) -> None:
    assert {path.rpartition(".")[2] for path in assets} >= {"js", "css"}
    for path in assets:
        response = await browser.get(f"{edge.url}{path}")
        assert response.status_code == 200, path
        assert "immutable" in response.headers["cache-control"]


async def test_page_is_told_whether_a_simulated_model_answers(
    release: Release, edge: Edge, browser: httpx2.AsyncClient
) -> None:
    response = await browser.get(f"{edge.url}/config.json")

    simulated = await release.pods("gemini-simulator") != []
    assert response.json() == {"chatkitDomainKey": None, "modelIsSimulated": simulated}


async def test_edge_changes_no_header_of_the_page(
    edge: Edge, browser: httpx2.AsyncClient, pod: httpx2.AsyncClient, assets: list[str]
) -> None:
    """The content security policy above all. What it adds is HSTS, under TLS."""
    for path in (*PATHS, *assets):
        at_edge = dict((await browser.get(f"{edge.url}{path}")).headers)
        at_pod = dict((await pod.get(path)).headers)
        for name in OF_ONE_CONNECTION | {"strict-transport-security"}:
            at_edge.pop(name, None)
            at_pod.pop(name, None)
        assert at_edge == at_pod, path


@every_path
async def test_head_says_what_get_would(edge_client: EndpointClient, path: str) -> None:
    get, head = await ask(edge_client, path), await ask(edge_client, path, "HEAD")

    assert (get.status, head.status) == (200, 200)
    assert head.body == b""
    for name in ("content-type", "content-length", "etag", "content-security-policy"):
        assert head.header(name) == get.header(name), name


@pytest.mark.parametrize("path", OTHERS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_other_path_is_not_there(edge_client: EndpointClient, method: str, path: str) -> None:
    """Said by the edge: a pod's answer would have its policy."""
    response = await ask(edge_client, path, method, [edge_client.origin])

    assert response.status == 404, response
    assert response.header("content-security-policy") is None
    if method != "HEAD":
        assert outcome(response) == NOT_FOUND


async def test_file_that_was_never_there_is_not_kept(edge_client: EndpointClient) -> None:
    """Only a pod can know: between two versions one may have what the other has not."""
    response = await ask(edge_client, "/assets/none.js")

    assert outcome(response) == NOT_FOUND, response
    assert response.header("cache-control") == "no-store"


@every_path
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
async def test_page_can_be_read_only(edge_client: EndpointClient, method: str, path: str) -> None:
    response = await ask(edge_client, path, method, [edge_client.origin])

    assert outcome(response) == WRONG_METHOD, response
    assert response.header("allow") == "GET, HEAD"
    assert cors_headers(response) == {}
    assert outcome(await ask(edge_client, path, method)) == FOREIGN


@every_path
@pytest.mark.parametrize(
    "origins",
    [
        ["https://evil.example"],
        ["null"],
        [""],
        ["http://localhost:3001"],
        ["{own}/"],
        ["{own}"] * 2,
    ],
    ids=["another", "null", "empty", "another port", "a trailing slash", "twice"],
)
async def test_page_of_another_origin_reads_nothing(
    edge_client: EndpointClient, path: str, origins: Sequence[str]
) -> None:
    sent = [origin.format(own=edge_client.origin) for origin in origins]

    response = await ask(edge_client, path, origins=sent)

    assert outcome(response) == FOREIGN, response
    assert cors_headers(response) == {}


@every_path
async def test_own_origin_is_no_reason_to_refuse(edge_client: EndpointClient, path: str) -> None:
    """Some browsers send it with scripts of their own page."""
    response = await ask(edge_client, path, origins=[edge_client.origin])

    assert response.status == 200, response
    assert cors_headers(response) == {}


async def test_body_of_a_request_for_a_file_is_not_taken(edge_client: EndpointClient) -> None:
    response = await ask(edge_client, "/", body=b"x" * 4096)

    assert outcome(response) == (413, "body_too_large"), response


async def test_path_is_judged_as_it_is_handed_on(edge_client: EndpointClient) -> None:
    """Dots and encoded letters are resolved before a route is chosen: RFC 3986 section 6.2.2."""
    for path in ("/c/..", "/%63onfig.json", f"/assets/../c/{NOBODY}"):
        assert (await ask(edge_client, path)).status == 200, path
