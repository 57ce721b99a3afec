"""The browser tests of services/web, on the system in the cluster instead of one of their own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from devstack.deployment import node_binary

from tests.cluster.equipment.commands import run
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.own_edge import ENVOYS
from tests.cluster.equipment.port_forward import port_forward
from tests.cluster.equipment.release import Release
from tests.equipment.database import DatabaseView
from tests.equipment.documents import ROOT

FOLDER = ROOT / "services" / "web" / "test" / "browser"
LIMIT_SECONDS = 300.0
ROWS = {
    "messages": "SELECT role, content FROM chat.message WHERE user_id = $1 ORDER BY created_at",
    "tasks": "SELECT title, completed FROM tasks.task WHERE user_id = $1 ORDER BY created_at",
}
"""As stack.py there has them."""


@asynccontextmanager
async def way_of_a_browser(release: Release, edge: Edge) -> AsyncIterator[int]:
    """A port of this machine from which the release's Envoys are reached.

    By it the browser has an address of its own, and so a counter of sign-ups of its own.
    """
    envoys = release.kubectl.elsewhere(ENVOYS)
    owner = f"gateway.envoyproxy.io/owning-gateway-namespace={release.namespace}"
    (service,) = await envoys.list("services", owner)
    url = urlsplit(edge.url)
    port = url.port or (443 if url.scheme == "https" else 80)
    async with port_forward(envoys, f"service/{service['metadata']['name']}", port) as local:
        yield local


@dataclass(slots=True)
class Control:
    """What the browser's tests ask for beside the page: `POST <url>/rows`, what is stored.

    Attributes: asked: how often they have.
    """

    url: str = ""
    asked: int = 0


@asynccontextmanager
async def open_control(database: DatabaseView) -> AsyncIterator[Control]:
    """Answer while the block runs."""
    control = Control()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        user_id = UUID(json.loads(await reader.readexactly(length))["user_id"])
        control.asked += 1
        rows = {name: await database.rows(sql, user_id) for name, sql in ROWS.items()}
        body = json.dumps(rows).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
        )
        writer.write(body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        control.url = "http://127.0.0.1:{1}".format(*server.sockets[0].getsockname())
        yield control


async def run_browser_test(
    release: Release, edge: Edge, database: DatabaseView, file: str, name: str
) -> str:
    """Run one test of a file on the page at the edge; return what the runner said.

    Args: name: a part of the test's, as a regular expression without spaces.
    Raises: CommandFailed: it failed; shows what the runner said. AssertionError: it passed without
        a look at what this cluster has stored, so on some other system.
    """
    async with way_of_a_browser(release, edge) as port, open_control(database) as control:
        hosts = f"MAP {urlsplit(edge.url).hostname} 127.0.0.1:{port}"
        variables = {
            "TASKCHAT_STACK": json.dumps({"page": edge.url, "control": control.url}),
            "TASKCHAT_HOSTS": hosts,
            "NODE_OPTIONS": f"--test-name-pattern={name}",
        }
        said = await run(
            *("env", *(f"{key}={value}" for key, value in variables.items())),
            *(str(node_binary()), str(FOLDER / "run.ts"), str(FOLDER / file)),
            limit_seconds=LIMIT_SECONDS,
            with_errors=True,
        )
        assert control.asked or said.startswith("skipped"), f"ran on another system:\n{said}"
        return said
