"""Connections to mcp-tools: a Service chooses a pod at each one, and only then."""

import asyncio

from chat_gateway.tools.client import ToolsClient

from ..equipment.mcp_tools import ScriptedTools
from ..equipment.turns import turn


async def test_every_request_has_a_connection_of_its_own(
    client: ToolsClient, tools: ScriptedTools
) -> None:
    for _ in range(3):
        await client.request("tools/list", {}, turn())
    await asyncio.gather(*[client.request("tools/list", {}, turn()) for _ in range(3)])

    assert len(set(tools.peers)) == len(tools.peers) == 6


async def test_server_is_told_not_to_keep_the_connection(
    client: ToolsClient, tools: ScriptedTools
) -> None:
    await client.request("tools/list", {}, turn())

    assert tools.headers[0]["connection"] == "close"
