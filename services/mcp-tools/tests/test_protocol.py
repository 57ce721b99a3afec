"""The protocol around the tools: clients that are not ours, hosts, sizes, paths."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport
from mcp import Client as SdkClient
from mcp.client.streamable_http import streamable_http_client
from mcp_tools.app import create_app
from mcp_tools.settings import Settings
from servicekit.probes import Readiness

from .caller import Caller
from .rows import Rows
from .running import running

HANDSHAKE_HEADERS = {"accept": "application/json, text/event-stream"}


class TestOrdinaryClients:
    """With a handshake or without, by libraries that know nothing of us."""

    async def test_fastmcp_client(self, caller: Caller) -> None:
        transport = StreamableHttpTransport(f"{caller.url}/mcp", auth=caller.token)
        async with Client(transport) as client:
            tools = await client.list_tools()
            arguments = {"user_id": str(caller.user_id), "title": "buy milk"}
            result = await client.call_tool("add_task", arguments)

        assert len(tools) == 5
        assert result.structured_content is not None
        assert result.structured_content["task"]["title"] == "buy milk"

    async def test_fastmcp_client_reads_errors(self, caller: Caller) -> None:
        transport = StreamableHttpTransport(f"{caller.url}/mcp", auth=caller.token)
        async with Client(transport) as client:
            arguments = {"user_id": str(caller.user_id), "task_id": str(uuid4())}
            result = await client.call_tool("complete_task", arguments, raise_on_error=False)

        assert result.is_error
        assert result.structured_content is not None
        assert result.structured_content["code"] == "not_found"

    async def test_sdk_client(self, caller: Caller) -> None:
        async with self.sdk_client(caller) as client:
            tools = (await client.list_tools()).tools
            user_id = str(caller.user_id)
            added = await client.call_tool("add_task", {"user_id": user_id, "title": "buy milk"})
            listed = await client.call_tool("list_tasks", {"user_id": user_id})

        assert len(tools) == 5
        assert added.structured_content is not None
        assert listed.structured_content == {
            "tasks": [added.structured_content["task"]],
            "next_cursor": None,
        }

    async def test_client_of_the_last_version_with_a_handshake(self, caller: Caller) -> None:
        headers = HANDSHAKE_HEADERS | {
            "authorization": f"Bearer {caller.token}",
            "mcp-protocol-version": "2025-06-18",
        }
        call = {"name": "list_tasks", "arguments": {"user_id": str(caller.user_id)}}
        body: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}

        response = await caller.http.post(f"{caller.url}/mcp", json=body, headers=headers)

        assert response.headers["content-type"] == "application/json"
        assert response.json()["result"]["structuredContent"]["tasks"] == []
        assert "mcp-session-id" not in response.headers

    @asynccontextmanager
    async def sdk_client(self, caller: Caller) -> AsyncIterator[SdkClient]:
        headers = {"authorization": f"Bearer {caller.token}"}
        async with httpx2.AsyncClient(headers=headers) as http:
            transport = streamable_http_client(f"{caller.url}/mcp", http_client=http)
            async with SdkClient(transport) as client:
                yield client


class TestHosts:
    """DNS rebinding: a page may not reach us under a name that is not ours."""

    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example", "mcp-tools.evil.example", "169.254.1.1"]
    )
    async def test_other_names_are_refused(self, caller: Caller, rows: Rows, host: str) -> None:
        response = await caller.with_headers(host=host).post("tools/list", {})

        assert response.status_code == 421
        assert await rows.calls(caller.user_id) == []

    @pytest.mark.parametrize("host", ["localhost", "localhost:8002", "127.0.0.1", "mcp-tools:8002"])
    async def test_our_names_are_taken(self, caller: Caller, host: str) -> None:
        assert (await caller.with_headers(host=host).post("tools/list", {})).status_code == 200

    async def test_names_can_be_set(self, caller: Caller, settings: Settings) -> None:
        changed = settings.model_copy(update={"allowed_hosts": ("tools.internal",)})
        with running(create_app(changed, Readiness())) as url:
            person = Caller(caller.http, url, caller.user_id, caller.token)
            ours = await person.with_headers(host="tools.internal").post("tools/list", {})
            default = await person.with_headers(host="mcp-tools").post("tools/list", {})

        assert (ours.status_code, default.status_code) == (200, 421)

    async def test_pages_of_other_origins_are_refused(self, caller: Caller) -> None:
        response = await caller.with_headers(origin="https://evil.example").post("tools/list", {})

        assert response.status_code == 403


class TestOddRequests:
    async def test_body_over_64_kib_is_refused(self, caller: Caller, rows: Rows) -> None:
        params = {"name": "add_task", "arguments": {"title": "x" * 66_000}}

        assert (await caller.post("tools/call", params)).status_code == 413
        assert await rows.calls(caller.user_id) == []

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    async def test_other_http_methods_are_refused(self, caller: Caller, method: str) -> None:
        headers = {"authorization": f"Bearer {caller.token}"}

        response = await caller.http.request(method, f"{caller.url}/mcp", headers=headers)

        assert response.status_code == 405

    async def test_unknown_path_is_a_problem(self, caller: Caller) -> None:
        response = await caller.http.get(f"{caller.url}/nothing")

        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"

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
