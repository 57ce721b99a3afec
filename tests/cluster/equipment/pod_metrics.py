"""What each pod counted by itself: its own /metrics, which no Service and no edge leads to."""

import asyncio
from collections.abc import Iterable

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from tests.cluster.equipment.kubectl import Kubectl
from tests.cluster.equipment.pods import Pod
from tests.cluster.equipment.port_forward import port_forward

METRICS_PORT = 9464

TURNS = "taskchat_turn_duration_seconds_count"
"""Turns that ended in a pod of chat-gateway."""
TOOL_CALLS = "taskchat_mcp_tool_call_duration_seconds_count"
"""Tool calls that ran in a pod of mcp-tools."""


async def count(kubectl: Kubectl, pod: Pod, name: str) -> float:
    """The sum of all series of a name in one pod, 0 when it has none yet."""
    async with (
        port_forward(kubectl, f"pod/{pod.name}", METRICS_PORT) as port,
        httpx2.AsyncClient(trust_env=False) as client,
    ):
        answer = await client.get(f"http://127.0.0.1:{port}/metrics")
    assert answer.status_code == httpx2.codes.OK, answer.text
    return total(answer.text, name)


async def counts(kubectl: Kubectl, pods: Iterable[Pod], name: str) -> dict[str, float]:
    """The same for each of several pods, by their names."""
    asked = list(pods)
    found = await asyncio.gather(*(count(kubectl, pod, name) for pod in asked))
    return {pod.name: value for pod, value in zip(asked, found, strict=True)}


def total(exposition: str, name: str) -> float:
    """The sum of all series of a name in a text of the exposition format."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
        if sample.name == name
    )
