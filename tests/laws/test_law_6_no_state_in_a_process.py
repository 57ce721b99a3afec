"""Law 6. No state in a process: any replica serves any request, and killing one loses nothing.

Two of each service stand behind proxies that take them in turn, so each step of a conversation may
meet another process than the step before.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from devstack.processes import ManagedProcess
from devstack.proxy import RoundRobinProxy
from devstack.stack import Stack, base_url

from tests.equipment.chat import User, answer, say
from tests.equipment.database import DatabaseView

SERVICES = ("chat-gateway", "mcp-tools")


@dataclass(frozen=True, slots=True)
class Replicas:
    """Two gateways and two mcp-tools; `gateway` is where clients go."""

    gateway: str
    gateways: tuple[ManagedProcess, ManagedProcess]
    tools: tuple[ManagedProcess, ManagedProcess]


@pytest.fixture(scope="module")
def replicas(stack: Stack) -> Iterator[Replicas]:
    """Four processes behind two proxies."""
    tools = (stack.process("mcp-tools"), stack.add_process("mcp-tools", "mcp-tools-2"))
    with RoundRobinProxy([base_url(one) for one in tools]) as tools_proxy:
        url = f"{tools_proxy.url}/mcp"
        gateways = (
            stack.add_process("chat-gateway", "chat-gateway-1", MCP_URL=url),
            stack.add_process("chat-gateway", "chat-gateway-2", MCP_URL=url),
        )
        with RoundRobinProxy([base_url(one) for one in gateways]) as gateway_proxy:
            yield Replicas(gateway_proxy.url, gateways, tools)
        for process in (*gateways, tools[1]):
            process.kill()


CONVERSATION = (
    ("add a task to buy milk", ["buy milk"]),
    ("add a task to call mom", ["buy milk", "call mom"]),
    ("delete it", ["buy milk"]),
    ("add a task to water the plants", ["buy milk", "water the plants"]),
    ("what is on my list?", ["buy milk", "water the plants"]),
)
"""What is said, and which tasks there are afterwards."""


async def titles(database: DatabaseView, user: User) -> list[str]:
    """A person's tasks by name."""
    rows = await database.rows(
        "SELECT title FROM tasks.task WHERE user_id = $1 ORDER BY title", user.user_id
    )
    return [row["title"] for row in rows]


async def test_conversation_goes_on_across_replicas(
    replicas: Replicas, alice: User, database: DatabaseView
) -> None:
    conversation_id = None
    for said, expected in CONVERSATION:
        found = answer(await say(replicas.gateway, alice, said, conversation_id=conversation_id))
        conversation_id = found["conversation_id"]
        assert await titles(database, alice) == expected, said

    for process in (*replicas.gateways, *replicas.tools):
        assert str(alice.user_id) in process.log_path.read_text(), f"{process.name} did nothing"


async def test_stored_answer_comes_from_any_replica(replicas: Replicas, alice: User) -> None:
    key = str(uuid4())
    first = await say(replicas.gateway, alice, "add a task to buy milk", key=key)
    again = [
        await say(base_url(process), alice, "add a task to buy milk", key=key)
        for process in replicas.gateways
    ]

    answer(first)
    assert [response.body for response in again] == [first.body, first.body]


async def test_kill_and_restart_between_every_turn_changes_nothing(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    """SIGKILL, so that nothing can be written down on the way out."""
    conversation_id = None
    for said, expected in CONVERSATION:
        if conversation_id is not None:
            for name in SERVICES:
                stack.process(name).kill()
            await asyncio.to_thread(stack.start_again, *SERVICES)
        found = answer(await say(stack.urls.gateway, alice, said, conversation_id=conversation_id))
        conversation_id = found["conversation_id"]
        assert await titles(database, alice) == expected, said

    rows = await database.rows_of(alice.user_id)
    assert (rows["chat.conversation"], rows["chat.turn"]) == (1, len(CONVERSATION))
    assert rows["chat.message"] == 2 * len(CONVERSATION)
