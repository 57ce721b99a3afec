"""mcp-tools on the wire, and a client to it."""

from collections.abc import AsyncIterator

import pytest
from chat_gateway.tools.client import ToolsClient

from ..equipment.mcp_tools import SIGNER, ScriptedTools


@pytest.fixture
async def tools() -> AsyncIterator[ScriptedTools]:
    async with ScriptedTools().running() as server:
        yield server


@pytest.fixture
async def client(tools: ScriptedTools) -> AsyncIterator[ToolsClient]:
    client = ToolsClient.open(tools.url, SIGNER, connections=30)
    yield client
    await client.close()
