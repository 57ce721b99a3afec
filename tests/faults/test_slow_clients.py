"""Clients that send half and stay are let go by every Python service; and what its answers say."""

import asyncio
import time
from urllib.parse import urlsplit

import pytest
from devstack.stack import Stack

from tests.equipment.raw_http import send

SERVICES = ("gateway", "tools", "simulator")
HEAD_SECONDS = 10
LATEST_SECONDS = 30
"""A machine that is busy with other tests runs timers late."""


async def held_open(url: str, sent: bytes) -> float:
    """Send something and no more. Returns: seconds until the service closed the connection."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    began = time.monotonic()
    try:
        writer.write(sent)
        await writer.drain()
        async with asyncio.timeout(LATEST_SECONDS):
            assert await reader.read() == b""
    except ConnectionResetError:
        pass
    finally:
        writer.close()
    return time.monotonic() - began


@pytest.mark.parametrize("service", SERVICES)
async def test_head_that_does_not_end_is_given_up(stack: Stack, service: str) -> None:
    url = getattr(stack.urls, service)
    head = b"POST /x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "

    took = await asyncio.gather(held_open(url, b""), held_open(url, head))

    assert all(HEAD_SECONDS - 1 < seconds < LATEST_SECONDS for seconds in took), took


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/mcp"])
@pytest.mark.parametrize("service", SERVICES)
async def test_no_cache_keeps_an_answer_and_no_browser_guesses_what_it_is(
    stack: Stack, service: str, path: str
) -> None:
    response = await send(f"{getattr(stack.urls, service)}{path}", "GET")

    assert response.header("cache-control") == "no-store"
    assert response.header("x-content-type-options") == "nosniff"
