"""The protocol around the tools: hosts, sizes, paths, what is no call."""

from dataclasses import replace

import httpx2
import pytest
from mcp_tools.app import create_app
from mcp_tools.settings import Settings
from servicekit.probes import Readiness

from .caller import Caller
from .rows import Rows
from .running import running

HANDSHAKE_HEADERS = {"accept": "application/json, text/event-stream"}


def assert_problem(response: httpx2.Response, status: int, code: str) -> None:
    assert response.headers.get("content-type") == "application/problem+json", response.text
    assert (response.status_code, response.json()["code"]) == (status, code)


class TestHosts:
    """DNS rebinding: a page may not reach us under a name that is not ours."""

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "localhost.evil.example",
            "mcp-tools.evil.example",
            "169.254.1.1",
            "localhost:8002, evil",
            "localhost:evil",
            "localhost:8002:8002",
            "localhost/evil",
            "localhost evil",
            "evil@localhost",
            "[::1",
        ],
    )
    async def test_other_names_are_refused(self, caller: Caller, rows: Rows, host: str) -> None:
        response = await caller.with_headers(host=host).post("tools/list", {})

        assert_problem(response, 421, "misdirected_request")
        assert await rows.calls(caller.user_id) == []

    @pytest.mark.parametrize("host", ["localhost", "localhost:8002", "127.0.0.1", "mcp-tools:8002"])
    async def test_our_names_are_taken(self, caller: Caller, host: str) -> None:
        assert (await caller.with_headers(host=host).post("tools/list", {})).status_code == 200

    async def test_names_can_be_set(self, caller: Caller, settings: Settings) -> None:
        changed = settings.model_copy(update={"allowed_hosts": ("tools.internal",)})
        with running(create_app(changed, Readiness())) as url:
            person = replace(caller, url=url)
            ours = await person.with_headers(host="tools.internal").post("tools/list", {})
            default = await person.with_headers(host="mcp-tools").post("tools/list", {})

        assert (ours.status_code, default.status_code) == (200, 421)

    async def test_pages_of_other_origins_are_refused(self, caller: Caller) -> None:
        response = await caller.with_headers(origin="https://evil.example").post("tools/list", {})

        assert_problem(response, 403, "origin_not_allowed")


class TestOddRequests:
    async def test_body_over_64_kib_is_refused(self, caller: Caller, rows: Rows) -> None:
        params = {"name": "add_task", "arguments": {"title": "x" * 66_000}}

        assert_problem(await caller.post("tools/call", params), 413, "body_too_large")
        assert await rows.calls(caller.user_id) == []

    @pytest.mark.parametrize(
        "types",
        [
            [],
            ["text/plain"],
            ["application/jsonx"],
            ["application/json; charset=latin-1"],
            ["application/json; charset*=utf-8''utf-8"],
            ["application/json", "application/json"],
        ],
    )
    async def test_other_media_types_are_refused(self, caller: Caller, types: list[str]) -> None:
        headers = [
            ("authorization", f"Bearer {caller.token}"),
            *[("content-type", one) for one in types],
        ]

        response = await caller.http.post(f"{caller.url}/mcp", content=b"{}", headers=headers)

        assert_problem(response, 415, "unsupported_media_type")

    async def test_coded_body_is_refused(self, caller: Caller) -> None:
        response = await caller.with_headers(content_encoding="gzip").post("tools/list", {})

        assert_problem(response, 415, "unsupported_media_type")

    async def test_slash_at_the_end_is_served_without_a_redirect(self, caller: Caller) -> None:
        elsewhere = caller.with_headers(x_forwarded_proto="https")

        assert (await elsewhere.post("tools/list", {}, path="/mcp/")).status_code == 200

    @pytest.mark.parametrize("path", ["/mcp//", "/healthz/", "/MCP/"])
    async def test_nothing_else_is_redirected(self, caller: Caller, path: str) -> None:
        assert_problem(await caller.post("tools/list", {}, path=path), 404, "not_found")

    async def test_answer_that_only_the_sdk_knows_is_a_problem_too(self, caller: Caller) -> None:
        response = await caller.with_headers(accept="text/html").post("tools/list", {})

        assert_problem(response, 406, "http_406")

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    async def test_other_http_methods_are_refused(self, caller: Caller, method: str) -> None:
        headers = {"authorization": f"Bearer {caller.token}"}

        response = await caller.http.request(method, f"{caller.url}/mcp", headers=headers)

        assert response.status_code == 405
        if method == "DELETE":  # it ends sessions: the protocol answers by itself
            assert response.json()["error"]["code"] == -32600
        else:
            assert_problem(response, 405, "method_not_allowed")
            assert "POST" in response.headers["allow"]

    async def test_unknown_path_is_a_problem(self, caller: Caller) -> None:
        response = await caller.http.get(f"{caller.url}/nothing")

        assert_problem(response, 404, "not_found")

    @pytest.mark.parametrize("arguments", [[], "text", 5])
    async def test_arguments_that_are_no_object_are_an_error_of_the_protocol(
        self, caller: Caller, rows: Rows, arguments: object
    ) -> None:
        """Not a call of a tool, so no row: there is nothing that could be recorded as arguments."""
        params = {"name": "add_task", "arguments": arguments}

        response = await caller.post("tools/call", params)

        assert "error" in response.json()
        assert await rows.calls(caller.user_id) == []

    @pytest.mark.parametrize("method", ["resources/list", "prompts/list"])
    async def test_there_is_nothing_but_tools(self, caller: Caller, method: str) -> None:
        result = (await caller.post(method, {})).json()["result"]

        assert result[method.split("/")[0]] == []

    @pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"jsonrpc": "2.0"}', "[" * 5_000])
    async def test_garbage_is_refused_without_a_bug(self, caller: Caller, body: str) -> None:
        headers = HANDSHAKE_HEADERS | {
            "authorization": f"Bearer {caller.token}",
            "mcp-protocol-version": "2026-07-28",
            "content-type": "application/json",
        }

        response = await caller.http.post(f"{caller.url}/mcp", content=body, headers=headers)

        assert response.status_code in (202, 400), response.text


class TestProbes:
    async def test_healthz_and_readyz(self, http: httpx2.AsyncClient, service_url: str) -> None:
        for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
            response = await http.get(f"{service_url}{path}")
            assert (response.status_code, response.json()) == (200, {"status": status})
