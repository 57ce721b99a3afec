"""The cached schemas: who waits, who fetches, and what is served while mcp-tools is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from chat_gateway.errors import ToolsUnavailable
from chat_gateway.tools.client import ToolsClient
from chat_gateway.tools.schemas import ToolSchemas

from ..equipment.mcp_tools import ScriptedTools
from ..equipment.turns import turn


@asynccontextmanager
async def schemas_of(client: ToolsClient, **options: float) -> AsyncIterator[ToolSchemas]:
    schemas = ToolSchemas(client, dict, **options)
    try:
        yield schemas
    finally:
        await schemas.close()


@pytest.fixture
async def schemas(client: ToolsClient) -> AsyncIterator[ToolSchemas]:
    async with schemas_of(client) as schemas:
        yield schemas


async def refuse(params: dict[str, Any]) -> web.StreamResponse:
    return web.Response(status=403)


async def overloaded(params: dict[str, Any]) -> web.StreamResponse:
    return web.Response(status=503)


async def garbage(params: dict[str, Any]) -> dict[str, Any]:
    return {"tools": "none"}


class TestNeverFetched:
    @pytest.mark.parametrize("listing", [refuse, overloaded, garbage])
    async def test_no_schemas_is_tools_unavailable_and_the_next_turn_asks_again(
        self, schemas: ToolSchemas, tools: ScriptedTools, listing: Any
    ) -> None:
        works, tools.listing = tools.listing, listing
        with pytest.raises(ToolsUnavailable):
            await schemas.visible(turn())

        tools.listing = works
        assert len(await schemas.visible(turn())) == 5

    async def test_a_short_outage_is_waited_for(
        self, schemas: ToolSchemas, tools: ScriptedTools
    ) -> None:
        works = tools.listing

        async def once(params: dict[str, Any]) -> Any:
            tools.listing = works
            return web.Response(status=503)

        tools.listing = once
        assert len(await schemas.visible(turn())) == 5

    async def test_twenty_turns_at_once_fetch_once(
        self, schemas: ToolSchemas, tools: ScriptedTools
    ) -> None:
        seen = await asyncio.gather(*[schemas.visible(turn()) for _ in range(20)])

        assert tools.listings == 1
        assert all(one == seen[0] for one in seen)

    async def test_a_turn_that_goes_away_does_not_take_the_others_schemas_with_it(
        self, schemas: ToolSchemas, tools: ScriptedTools
    ) -> None:
        go_on, works = asyncio.Event(), tools.listing

        async def held(params: dict[str, Any]) -> Any:
            await go_on.wait()
            return await works(params)

        tools.listing = held
        first = asyncio.create_task(schemas.visible(turn()))
        second = asyncio.create_task(schemas.visible(turn()))
        await asyncio.wait_for(tools.asked.wait(), 2)
        first.cancel()
        go_on.set()

        assert len(await second) == 5
        assert tools.listings == 1


class TestKnown:
    async def test_fresh_schemas_are_not_fetched_again(
        self, schemas: ToolSchemas, tools: ScriptedTools
    ) -> None:
        await schemas.visible(turn())
        await schemas.visible(turn())
        schemas.reported("v1", turn())
        schemas.reported(None, turn())

        assert tools.listings == 1

    async def test_another_version_is_fetched_at_once(
        self, schemas: ToolSchemas, tools: ScriptedTools
    ) -> None:
        await schemas.visible(turn())
        tools.version = "v2"
        tools.asked.clear()
        schemas.reported("v2", turn())
        await asyncio.wait_for(tools.asked.wait(), 2)

        assert tools.listings == 2

    async def test_old_schemas_are_fetched_beside_the_turn_and_serve_on_meanwhile(
        self, client: ToolsClient, tools: ScriptedTools
    ) -> None:
        async with schemas_of(client, max_age_seconds=0.0) as schemas:
            await schemas.visible(turn())

            async def hang(params: dict[str, Any]) -> Any:
                await asyncio.Event().wait()

            tools.listing = hang
            tools.asked.clear()
            assert len(await schemas.visible(turn())) == 5
            await asyncio.wait_for(tools.asked.wait(), 2)
            assert len(await schemas.visible(turn())) == 5
            assert tools.listings == 2
