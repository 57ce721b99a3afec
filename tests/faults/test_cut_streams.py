"""Connections that break at random, and clients that go on: nothing is lost, nothing happens twice.

`TASKCHAT_CUT_TURNS` sets how many turns are run, `TASKCHAT_SEED` where they are cut.
"""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from uuid import uuid4

import httpx2
import pytest
from devstack.chatkit.requests import create_thread
from devstack.processes import ManagedProcess
from devstack.proxy import RoundRobinProxy
from devstack.stack import Stack, base_url

from tests.conftest import NewUser
from tests.equipment.chat import User
from tests.equipment.chatkit import (
    CheckedView,
    chatkit,
    expect_stored_as_streamed,
    open_http,
    run_with_cuts,
)
from tests.equipment.database import DatabaseView
from tests.equipment.metrics import scrape
from tests.equipment.waiting import wait_until

TURNS = int(os.environ.get("TASKCHAT_CUT_TURNS", "60"))
SEED = int(os.environ.get("TASKCHAT_SEED", "0")) or Random().randrange(1, 2**31)
PEOPLE = 10
IN_FLIGHT = "taskchat_turns_in_flight"


@dataclass(frozen=True, slots=True)
class Gateways:
    """Two gateways; `url` is where clients go, to each in turn."""

    url: str
    processes: tuple[ManagedProcess, ManagedProcess]


@pytest.fixture(scope="module")
def gateways(stack: Stack) -> Iterator[Gateways]:
    """The stack's and one more, behind a proxy."""
    both = (stack.process("chat-gateway"), stack.add_process("chat-gateway", "gateway-cut"))
    with RoundRobinProxy([base_url(one) for one in both]) as proxy:
        yield Gateways(proxy.url, both)
    both[1].kill()


@pytest.mark.timeout(240 + TURNS)
async def test_connections_cut_at_random_lose_and_double_nothing(
    gateways: Gateways, new_user: NewUser, database: DatabaseView
) -> None:
    print(f"TASKCHAT_SEED={SEED}")
    people = [await new_user() for _ in range(PEOPLE)]
    turns_each = max(1, TURNS // PEOPLE)

    async def talk(number: int, user: User, http: httpx2.AsyncClient) -> int:
        """Each turn is a conversation with one task, whose title no other has."""
        client, dice, cuts = chatkit(gateways.url, user, http), Random(f"{SEED}:{number}"), 0
        for _ in range(turns_each):
            view, word = CheckedView(), uuid4().hex[:12]
            request = create_thread(f"add a task to file report {word}")
            cuts += await run_with_cuts(client, request, view, key=word, dice=dice)
            assert [one["type"] for one in view.items.values()] == [
                "user_message",
                "workflow",
                "assistant_message",
            ]
            assert word in view.text
            await expect_stored_as_streamed(client, view)
        return cuts

    async with open_http() as http:
        cuts = await asyncio.gather(
            *(talk(number, user, http) for number, user in enumerate(people))
        )

    assert sum(cuts) >= turns_each * PEOPLE / 3, "hardly anything was cut: this proves nothing"
    for user in people:
        assert await database.rows_of(user.user_id) == {
            "chat.conversation": turns_each,
            "chat.message": 2 * turns_each,
            "chat.turn": turns_each,
            "chat.daily_use": 1,
            "tasks.task": turns_each,
            "tasks.tool_call": turns_each,
        }
    await wait_until("no turn is in flight any more", lambda: _idle(gateways))


async def _idle(gateways: Gateways) -> bool:
    found = [(await scrape(process)).value(IN_FLIGHT) for process in gateways.processes]
    return found == [0, 0]
