"""Clients that know nothing of us: each lists the tools first; from then on some validate.

`mcp` and `fastmcp` come with the service; npm's SDK 1.x, which the Inspector is made of too, is
installed for this test alone, from its own lock file.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from devstack.deployment import node_binary
from fastmcp import Client as FastMcpClient
from fastmcp.client.transports import StreamableHttpTransport
from mcp import Client as SdkClient
from mcp.client.streamable_http import streamable_http_client

from ..caller import Caller

TYPESCRIPT = Path(__file__).parent / "typescript"
NPM = "lib/node_modules/npm/bin/npm-cli.js"


@dataclass(frozen=True)
class Call:
    """A tool call, in the caller's own name unless it says otherwise."""

    name: str
    arguments: dict[str, Any]

    def of(self, caller: Caller) -> dict[str, Any]:
        """The params of `tools/call`."""
        own = {"user_id": str(caller.user_id)}
        return {"name": self.name, "arguments": {**own, **self.arguments}}


@dataclass(frozen=True)
class Told:
    """What a client hands on to its program."""

    is_error: bool
    structured: dict[str, Any] | None
    text: str


Speak = Callable[[Caller, list[Call]], Awaitable[list[Told]]]


async def fastmcp(caller: Caller, calls: list[Call]) -> list[Told]:
    transport = StreamableHttpTransport(f"{caller.url}/mcp", auth=caller.token)
    async with FastMcpClient(transport) as client:
        await client.list_tools()
        results = [
            await client.call_tool(**call.of(caller), raise_on_error=False) for call in calls
        ]
    return [
        Told(one.is_error, one.structured_content, getattr(one.content[0], "text", ""))
        for one in results
    ]


def sdk(mode: str) -> Speak:
    """Python's `mcp`. Args: mode: a protocol version, or `legacy` for a handshake."""

    async def speak(caller: Caller, calls: list[Call]) -> list[Told]:
        headers = {"authorization": f"Bearer {caller.token}"}
        async with httpx2.AsyncClient(headers=headers) as http:
            transport = streamable_http_client(f"{caller.url}/mcp", http_client=http)
            async with SdkClient(transport, mode=mode) as client:
                await client.list_tools()
                results = [await client.call_tool(**call.of(caller)) for call in calls]
        return [
            Told(one.is_error, one.structured_content, getattr(one.content[0], "text", ""))
            for one in results
        ]

    return speak


def by_hand(version: str) -> Speak:
    """One POST a call, in a version of the protocol that has a handshake, without it."""

    async def speak(caller: Caller, calls: list[Call]) -> list[Told]:
        headers = {
            "accept": "application/json, text/event-stream",
            "authorization": f"Bearer {caller.token}",
            "mcp-protocol-version": version,
        }
        told = []
        for call in calls:
            body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call.of(caller)}
            response = await caller.http.post(f"{caller.url}/mcp", json=body, headers=headers)
            assert response.headers["content-type"] == "application/json"
            assert "mcp-session-id" not in response.headers
            told.append(_told(response.json()["result"]))
        return told

    return speak


async def typescript(caller: Caller, calls: list[Call]) -> list[Told]:
    params = json.dumps([call.of(caller) for call in calls])
    written = await _node("calls.mjs", f"{caller.url}/mcp", caller.token, params)
    results = json.loads(written)
    assert not [one for one in results if "thrown" in one], results
    return [_told(one) for one in results]


def _told(result: dict[str, Any]) -> Told:
    text = result["content"][0]["text"]
    return Told(bool(result.get("isError")), result.get("structuredContent"), text)


async def _node(*arguments: str) -> bytes:
    """Run a program of Node 24 in the folder of the TypeScript client; gives what it wrote."""
    node = node_binary()
    environ = {**os.environ, "PATH": f"{node.parent}:{os.environ['PATH']}"}
    running = await asyncio.create_subprocess_exec(
        node, *arguments, cwd=TYPESCRIPT, env=environ, stdout=PIPE, stderr=PIPE
    )
    written, complaints = await running.communicate()
    assert running.returncode == 0, complaints.decode()
    return written


@pytest.fixture(scope="module")
async def _installed() -> None:
    """The packages that the lock file names, unless they are there."""
    lock, stamp = TYPESCRIPT / "package-lock.json", TYPESCRIPT / "node_modules" / ".installed"
    if not stamp.exists() or stamp.read_text() != lock.read_text():
        npm = str(node_binary().parents[1] / NPM)
        await _node(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        stamp.write_text(lock.read_text())


CLIENTS: dict[str, Speak] = {
    "fastmcp": fastmcp,
    "mcp without a handshake": sdk("2026-07-28"),
    "mcp with a handshake": sdk("legacy"),
    "2025-06-18 by hand": by_hand("2025-06-18"),
    "typescript 1.x": typescript,
}
NO_TASK = {"task_id": str(uuid4())}
FAILURES: list[tuple[str, Call]] = [
    ("not_found", Call("complete_task", NO_TASK)),
    ("not_found", Call("delete_task", NO_TASK)),
    ("not_found", Call("update_task", {**NO_TASK, "title": "a"})),
    ("invalid_arguments", Call("add_task", {"title": ""})),
    ("invalid_arguments", Call("list_tasks", {"cursor": "invented"})),
    ("invalid_arguments", Call("update_task", NO_TASK)),
    ("invalid_arguments", Call("complete_task", {"task_id": "the first one"})),
    ("invalid_arguments", Call("no_such_tool", {})),
    ("forbidden", Call("list_tasks", {"user_id": str(uuid4())})),
    ("forbidden", Call("add_task", {"user_id": str(uuid4()), "title": "a"})),
]

pytestmark = [
    pytest.mark.usefixtures("_installed"),
    pytest.mark.parametrize("speak", CLIENTS.values(), ids=CLIENTS.keys()),
]


async def test_every_error_arrives_with_its_code_and_words(caller: Caller, speak: Speak) -> None:
    told = await speak(caller, [call for _, call in FAILURES])

    assert [one.is_error for one in told] == [True] * len(FAILURES)
    assert [one.structured for one in told] == [None] * len(FAILURES)
    errors = [json.loads(one.text) for one in told]
    assert [error["code"] for error in errors] == [code for code, _ in FAILURES]
    assert all(error["message"] for error in errors)


async def test_output_arrives_structured_and_as_text(caller: Caller, speak: Speak) -> None:
    added, listed = await speak(
        caller, [Call("add_task", {"title": "buy milk"}), Call("list_tasks", {})]
    )

    assert added.structured is not None and listed.structured is not None
    assert added.structured["task"]["title"] == "buy milk"
    assert listed.structured["tasks"] == [added.structured["task"]]
    assert json.loads(listed.text) == listed.structured
    assert not added.is_error and not listed.is_error
