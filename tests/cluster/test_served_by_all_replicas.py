"""One conversation, many pods: whichever serves a turn knows what was said before."""

from collections.abc import AsyncIterator

import pytest
from devstack.people import Person

from tests.cluster.equipment import pod_metrics
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.pods import Pod
from tests.cluster.equipment.release import Component, Release
from tests.cluster.equipment.scaling import scaled_values, wait_until_scaled
from tests.cluster.equipment.turns import SentTurn, send_turn
from tests.equipment.database import DatabaseView

pytestmark = pytest.mark.disruptive

GATEWAYS, TOOLS = 3, 2
TURNS = 20


@pytest.fixture
async def scaled(release: Release) -> AsyncIterator[Release]:
    """The release with as many pods as the test wants, for this test."""
    values = {**scaled_values("chat-gateway", GATEWAYS), **scaled_values("mcp-tools", TOOLS)}
    async with release.upgraded(values):
        await wait_until_scaled(release, "chat-gateway", GATEWAYS)
        await wait_until_scaled(release, "mcp-tools", TOOLS)
        yield release


async def counted(release: Release, component: Component, name: str) -> dict[str, float]:
    """What each pod of a component has counted."""
    pods: list[Pod] = await release.serving_pods(component)
    return await pod_metrics.counts(release.kubectl, pods, name)


async def test_conversation_of_twenty_turns_is_served_by_every_pod_in_order(
    scaled: Release, edge: Edge, person: Person, database: DatabaseView
) -> None:
    turns_before = await counted(scaled, "chat-gateway", pod_metrics.TURNS)
    calls_before = await counted(scaled, "mcp-tools", pod_metrics.TOOL_CALLS)
    conversation_id: str | None = None
    sent: list[SentTurn] = []

    for number in range(TURNS):
        message = f"add a task to read page {number}"
        turn = await send_turn(edge, person, message, conversation_id=conversation_id)
        conversation_id = turn.body()["conversation_id"]
        sent.append(turn)

    turns_after = await counted(scaled, "chat-gateway", pod_metrics.TURNS)
    calls_after = await counted(scaled, "mcp-tools", pod_metrics.TOOL_CALLS)
    served = {pod: turns_after[pod] - before for pod, before in turns_before.items()}
    called = {pod: calls_after[pod] - before for pod, before in calls_before.items()}
    assert len(served) == GATEWAYS
    assert len(called) == TOOLS
    assert sum(served.values()) == sum(called.values()) == TURNS, (served, called)
    assert min(served.values()) > 0, f"a pod of chat-gateway served nothing: {served}"
    assert min(called.values()) > 0, f"a pod of mcp-tools served nothing: {called}"
    await expect_order(database, person, sent)


async def expect_order(database: DatabaseView, person: Person, sent: list[SentTurn]) -> None:
    """The conversation has every message once, as they were said, and so do the tasks."""
    messages = await database.rows(
        "SELECT conversation_id, role, content FROM chat.message WHERE user_id = $1"
        " ORDER BY created_at, id",
        person.user_id,
    )
    assert len({row["conversation_id"] for row in messages}) == 1
    said = [(turn.message, turn.body()["response"]) for turn in sent]
    assert [(row["role"], row["content"]) for row in messages] == [
        line for message, response in said for line in (("user", message), ("assistant", response))
    ]
    titles = await database.rows(
        "SELECT title FROM tasks.task WHERE user_id = $1 ORDER BY created_at, id", person.user_id
    )
    assert [row["title"] for row in titles] == [f"read page {number}" for number in range(TURNS)]
