"""Turns that wait for a slow model add pods, quiet takes them away, and nobody notices either."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.cluster.conftest import SignUpMany
from tests.cluster.equipment import hpa
from tests.cluster.equipment.components import values_of
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.ledger import expect_nothing_lost_nothing_twice
from tests.cluster.equipment.load import closed_loop
from tests.cluster.equipment.release import Component, Release
from tests.cluster.equipment.scaling import wait_until_scaled
from tests.equipment.database import DatabaseView
from tests.equipment.waiting import wait_until

pytestmark = [pytest.mark.disruptive, pytest.mark.timeout(420)]

STEADY_PEOPLE, RUSH_PEOPLE = 1, 9
PAUSE_SECONDS = 1.0
MODEL_MS = 3_500
"""Of each of the two model calls of a turn: ten turns in flight use 3 % of a core between them."""
MOST_GATEWAYS, MOST_TOOLS = 3, 2
SCALE_UP_SECONDS = 120.0
"""Scraped every 5 s, read every 15 s, and a pod takes 5–10 s to be ready; twice that and more,
because the tests share the two cores with the cluster."""
SCALE_DOWN_SECONDS = 150.0
"""The same, and the turns that a pod drains."""
UNREADABLE_SECONDS = 90.0
"""The autoscaler looks every 15 s; KEDA asks the wrong address and waits for its time-out."""
AT_ONCE = {
    "scaleUp": {
        "stabilizationWindowSeconds": 0,
        "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}],
    },
    "scaleDown": {
        "stabilizationWindowSeconds": 0,
        "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
    },
}


def autoscaling(most: int, turns: int, cpu_percent: int) -> dict[str, Any]:
    """An autoscaler on turns in flight that acts at once. cpu_percent: where CPU adds a pod."""
    return {
        "autoscaling": {
            "enabled": True,
            "mode": "keda",
            "minReplicas": 1,
            "maxReplicas": most,
            "turnsInFlightPerPod": turns,
            "targetCPUUtilizationPercentage": cpu_percent,
            "behavior": AT_ONCE,
        }
    }


@pytest.fixture
async def on_turns(release: Release) -> AsyncIterator[Release]:
    """Scaled by turns in flight; the CPU that adds a pod is out of reach."""
    values = {
        **values_of("chat-gateway", autoscaling(MOST_GATEWAYS, turns=3, cpu_percent=1000)),
        **values_of("mcp-tools", autoscaling(MOST_TOOLS, turns=5, cpu_percent=1000)),
        **values_of(
            "gemini-simulator",
            {"latency": {"mode": "lognormal", "ttftMedianMs": MODEL_MS, "ttftSigma": 0.1}},
        ),
    }
    async with release.upgraded(values):
        yield release


@pytest.fixture
async def without_prometheus(release: Release) -> AsyncIterator[Release]:
    """Scaled by turns that cannot be read, and by a CPU that a few turns a second use."""
    values = {
        **values_of("chat-gateway", autoscaling(2, turns=3, cpu_percent=40)),
        "telemetry": {"prometheus": {"address": "http://prometheus.invalid:9090"}},
    }
    async with release.upgraded(values):
        yield release


async def reasons(release: Release, component: Component, since: datetime) -> list[str]:
    """Why the autoscaler changed the number of pods since then."""
    said = await hpa.said(release.kubectl, release.resource(component), since)
    return [one.message for one in said if one.reason == hpa.RESCALED]


async def test_turns_in_flight_add_pods_and_their_end_takes_them_away(
    on_turns: Release, edge: Edge, crowd: SignUpMany, database: DatabaseView
) -> None:
    people = await crowd(STEADY_PEOPLE + RUSH_PEOPLE)
    steady, rush = people[:STEADY_PEOPLE], people[STEADY_PEOPLE:]
    await wait_until_scaled(on_turns, "chat-gateway", 1, SCALE_DOWN_SECONDS)
    await wait_until_scaled(on_turns, "mcp-tools", 1, SCALE_DOWN_SECONDS)
    began = datetime.now(UTC)

    async with closed_loop(edge, steady, pause_seconds=PAUSE_SECONDS) as quiet:
        async with closed_loop(edge, rush, pause_seconds=PAUSE_SECONDS) as rushed:
            await wait_until_scaled(on_turns, "chat-gateway", MOST_GATEWAYS, SCALE_UP_SECONDS)
            await wait_until_scaled(on_turns, "mcp-tools", MOST_TOOLS, SCALE_UP_SECONDS)
            await rushed.wait_for_answers(2 * RUSH_PEOPLE)
        for component in ("chat-gateway", "mcp-tools"):
            said = await reasons(on_turns, component, began)
            # The rush has ended: on a quiet machine pods may be taken away already.
            why = [one for one in said if "below target" not in one]
            assert why, f"nobody said why {component} was scaled: {said}"
            assert all("external metric" in one and "above target" in one for one in why), why
        await wait_until_scaled(on_turns, "chat-gateway", 1, SCALE_DOWN_SECONDS)
        await wait_until_scaled(on_turns, "mcp-tools", 1, SCALE_DOWN_SECONDS)
        await quiet.wait_for_answers(1)

    rushed.expect_no_failures()
    quiet.expect_no_failures()
    await expect_nothing_lost_nothing_twice(database, [*rushed.turns, *quiet.turns])


async def test_cpu_still_adds_pods_while_turns_cannot_be_read(
    without_prometheus: Release, edge: Edge, crowd: SignUpMany
) -> None:
    people = await crowd(RUSH_PEOPLE)
    await wait_until_scaled(without_prometheus, "chat-gateway", 1, SCALE_DOWN_SECONDS)
    kubectl, deployment = without_prometheus.kubectl, without_prometheus.resource("chat-gateway")

    async def is_unreadable() -> bool:
        return not await hpa.reads_external_metric(kubectl, deployment)

    await wait_until("turns in flight cannot be read", is_unreadable, UNREADABLE_SECONDS)
    began = datetime.now(UTC)

    async with closed_loop(edge, people, pause_seconds=PAUSE_SECONDS) as load:
        await wait_until_scaled(without_prometheus, "chat-gateway", 2, SCALE_UP_SECONDS)

    load.expect_no_failures()
    assert await is_unreadable()
    why = await reasons(without_prometheus, "chat-gateway", began)
    assert why and all("cpu" in one for one in why), why
