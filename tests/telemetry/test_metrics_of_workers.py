"""A gateway and mcp-tools with two workers each: their metrics are those of one process."""

import asyncio
import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil
import pytest
from devstack.processes import ManagedProcess
from devstack.stack import Stack, base_url

from tests.conftest import Newcomer
from tests.equipment.chat import Speaker, answer, say
from tests.equipment.metrics import scrape
from tests.equipment.waiting import wait_until

TURNS = 4
TURNS_COUNTED = "taskchat_turn_duration_seconds_count"
CALLS_COUNTED = "taskchat_mcp_tool_call_duration_seconds_count"


@dataclass(frozen=True)
class Workers:
    """A gateway and mcp-tools with two workers each."""

    gateway: ManagedProcess
    tools: ManagedProcess


@pytest.fixture(scope="module")
def workers(stack: Stack) -> Iterator[Workers]:
    tools = stack.add_process("mcp-tools", "mcp-tools-2-workers", WORKERS="2")
    gateway = stack.add_process(
        "chat-gateway", "chat-gateway-2-workers", WORKERS="2", MCP_URL=f"{base_url(tools)}/mcp"
    )
    yield Workers(gateway, tools)
    for process in (gateway, tools):
        process.stop()


def worker_ids(process: ManagedProcess) -> set[int]:
    """The processes that serve, without the one that they are the workers of."""
    assert process.pid is not None
    started = psutil.Process(process.pid).children(recursive=True)
    return {one.pid for one in started if _serves(one)}


def _serves(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        # Also a zombie: one that has ended since it was listed.
        return False


async def turns(workers: Workers, people: Sequence[Speaker]) -> None:
    """Everybody adds a task, at once and each on a connection of their own."""
    responses = await asyncio.gather(
        *(say(base_url(workers.gateway), person, "add a task to buy milk") for person in people)
    )
    for response in responses:
        answer(response)


async def test_each_turn_and_each_call_is_counted_once_also_after_a_worker_was_replaced(
    workers: Workers, newcomer: Newcomer
) -> None:
    async def both_show() -> bool:
        found = await scrape(workers.gateway)
        return found.value("taskchat_database_pool_limit") == 2 * 10

    await wait_until("both workers of the gateway report", both_show)
    people = [await newcomer() for _ in range(TURNS)]
    await turns(workers, people)

    gateway, tools = await scrape(workers.gateway), await scrape(workers.tools)
    assert gateway.value(TURNS_COUNTED, outcome="completed") == TURNS
    assert gateway.value("taskchat_tool_call_duration_seconds_count", tool="add_task") == TURNS
    assert tools.value(CALLS_COUNTED, tool="add_task", outcome="ok") == TURNS
    assert gateway.value("taskchat_build_info") == 1
    assert gateway.value("taskchat_turns_in_flight") == 0

    old = worker_ids(workers.gateway)
    assert len(old) == 2
    os.kill(min(old), signal.SIGTERM)

    async def replaced() -> bool:
        now = worker_ids(workers.gateway)
        return len(now) == 2 and now != old

    await wait_until("another worker is there", replaced)
    await wait_until("it reports", both_show)
    await turns(workers, people)

    assert (await scrape(workers.gateway)).value(TURNS_COUNTED, outcome="completed") == 2 * TURNS
