"""Pods and containers end without warning while people chat: nothing lost, nothing twice.

Clients do what the contract asks of them: they send the same request with the same key again.
"""

import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from itertools import product
from typing import Final, Literal

import pytest
from devstack.people import Person

from tests.cluster.conftest import SignUpMany
from tests.cluster.equipment.components import values_of
from tests.cluster.equipment.database import open_database_view
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.kind_node import KindNode
from tests.cluster.equipment.ledger import expect_nothing_lost_nothing_twice
from tests.cluster.equipment.load import closed_loop
from tests.cluster.equipment.pods import Pod
from tests.cluster.equipment.release import LOOK_SECONDS, Component, Release
from tests.cluster.equipment.scaling import scaled_to
from tests.equipment.waiting import wait_until

pytestmark = [pytest.mark.disruptive, pytest.mark.timeout(420)]

PEOPLE = 6
PAUSE_SECONDS = 1.0
LOAD_SECONDS = 120.0
RETRY_SECONDS = 90.0
"""A turn whose pod died is free after its lease, 10 s; a container that dies often is started again
after 10, 20, 40 s; and all of that may happen to one turn twice."""
TURNS_BETWEEN = 8
"""Answered between two deaths: some seconds, and proof that the system lives on."""
WAIT_SECONDS = 60.0
TOKEN_SECONDS = 90
"""So short that people fetch tokens while pods of auth die."""

Way = Literal["pod", "container"]
KINDS: Final[tuple[Component, ...]] = ("chat-gateway", "mcp-tools", "auth", "pgbouncer")
DOUBLED: Final[tuple[Component, ...]] = ("chat-gateway", "mcp-tools", "auth")
WAYS: Final[tuple[Way, ...]] = ("pod", "container")


@pytest.fixture(scope="module")
async def doubled(release: Release) -> AsyncIterator[Release]:
    """The release with two pods of each service that can have two."""
    tokens = values_of("auth", {"jwtLifetimeSeconds": TOKEN_SECONDS})
    async with scaled_to(release, dict.fromkeys(DOUBLED, 2), tokens):
        yield release


@pytest.fixture
async def people(doubled: Release, crowd: SignUpMany) -> list[Person]:
    """Those who chat; signed up when nothing dies yet."""
    return await crowd(PEOPLE)


async def kill(release: Release, node: KindNode, pod: Pod, way: Way) -> None:
    """End a pod, or its container, with no time to say goodbye."""
    if way == "container":
        await node.kill_container(pod)
    else:
        now = ("--grace-period=0", "--force", "--wait=false", "--ignore-not-found")
        await release.kubectl("delete", "pod", pod.name, *now)


async def test_pods_of_every_kind_killed_at_random(
    doubled: Release, edge: Edge, people: list[Person]
) -> None:
    node, kills = await KindNode.of(doubled.kubectl), Counter[tuple[Component, Way]]()
    async with closed_loop(
        edge, people, pause_seconds=PAUSE_SECONDS, retry_for_seconds=RETRY_SECONDS
    ) as load:
        end = time.monotonic() + LOAD_SECONDS
        while time.monotonic() < end:
            deaths = random.sample(list(product(KINDS, WAYS)), k=len(KINDS) * len(WAYS))
            for component, way in deaths:
                await load.wait_for_answers(TURNS_BETWEEN, WAIT_SECONDS)
                victims = await doubled.serving_pods(component)
                if victims:
                    await kill(doubled, node, random.choice(victims), way)
                    kills[component, way] += 1
        await doubled.wait_until_settled()
        await load.wait_for_answers(TURNS_BETWEEN, WAIT_SECONDS)

    load.expect_no_failures()
    assert set(kills) == set(product(KINDS, WAYS)), kills
    async with open_database_view(doubled) as database:
        await expect_nothing_lost_nothing_twice(database, load.turns)


async def test_postgres_killed_in_the_middle_of_turns(
    doubled: Release, edge: Edge, people: list[Person]
) -> None:
    """Its container, not its pod: a second Postgres must not meet the first on the same volume."""
    node = await KindNode.of(doubled.kubectl)
    (before,) = await doubled.serving_pods("postgres")
    async with closed_loop(
        edge, people, pause_seconds=PAUSE_SECONDS, retry_for_seconds=RETRY_SECONDS
    ) as load:
        await load.wait_for_answers(TURNS_BETWEEN)
        await node.kill_container(before)

        async def look() -> bool:
            return any(pod.restarts > before.restarts for pod in await doubled.pods("postgres"))

        state = "Postgres' container was started again"
        await wait_until(state, look, WAIT_SECONDS, every_seconds=LOOK_SECONDS)
        await load.wait_for_answers(2 * TURNS_BETWEEN, WAIT_SECONDS)

    load.expect_no_failures()
    async with open_database_view(doubled) as database:
        await expect_nothing_lost_nothing_twice(database, load.turns)
