"""Evictions, as a drain of a node makes them: one pod at a time, and nobody notices."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.cluster.conftest import SignUpMany
from tests.cluster.equipment.commands import CommandFailed
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.load import closed_loop
from tests.cluster.equipment.pods import Pod
from tests.cluster.equipment.release import LOOK_SECONDS, Component, Release
from tests.cluster.equipment.scaling import scaled_to
from tests.equipment.waiting import wait_until

pytestmark = pytest.mark.disruptive

PEOPLE = 4
PAUSE_SECONDS = 1.5
TURNS_AROUND = 8
REPLACED_SECONDS = 60.0
GUARDED: tuple[Component, ...] = ("chat-gateway", "mcp-tools", "auth", "web")
REFUSED = "violate the pod's disruption budget"


@pytest.fixture(scope="module")
async def doubled(release: Release) -> AsyncIterator[Release]:
    """The release with two pods of each service that has a budget."""
    async with scaled_to(release, dict.fromkeys(GUARDED, 2)):
        yield release


async def evict(release: Release, pod: Pod) -> str:
    """Ask for an eviction. Returns: what the API server said when it refused; empty: evicted."""
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod.name, "namespace": release.namespace},
    }
    path = f"/api/v1/namespaces/{release.namespace}/pods/{pod.name}/eviction"
    try:
        await release.kubectl("create", f"--raw={path}", "--filename=-", stdin=json.dumps(eviction))
    except CommandFailed as error:
        return error.errors
    return ""


@pytest.mark.parametrize("component", GUARDED)
async def test_second_pod_goes_only_when_the_first_was_replaced(
    doubled: Release, edge: Edge, crowd: SignUpMany, component: Component
) -> None:
    people = await crowd(PEOPLE)
    async with closed_loop(edge, people, pause_seconds=PAUSE_SECONDS) as load:
        await load.wait_for_answers(TURNS_AROUND)
        first, second = await doubled.serving_pods(component)

        assert await evict(doubled, first) == ""
        refusal = await evict(doubled, second)

        assert REFUSED in refusal, refusal or "both were evicted at once"

        async def second_goes() -> bool:
            return await evict(doubled, second) == ""

        state = f"{second.name} may go, because {first.name} was replaced"
        await wait_until(state, second_goes, REPLACED_SECONDS, every_seconds=LOOK_SECONDS)
        assert len(await doubled.serving_pods(component)) >= 1
        await doubled.wait_until_settled()
        await load.wait_for_answers(TURNS_AROUND)

    load.expect_no_failures()
    left = {pod.uid for pod in await doubled.pods(component)}
    assert len(left) == 2
    assert not left & {first.uid, second.uid}
