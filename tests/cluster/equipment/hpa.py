"""What an autoscaler did and why, in its own words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.cluster.equipment.kubectl import Kubectl

RESCALED = "SuccessfulRescale"


@dataclass(frozen=True, slots=True)
class Said:
    """One event of an autoscaler. Attributes: at: the last time it was said."""

    at: datetime
    reason: str
    message: str


async def of_deployment(kubectl: Kubectl, deployment: str) -> dict[str, Any]:
    """The autoscaler of a Deployment, whoever made it. Raises: AssertionError: not exactly one."""
    found = [
        one
        for one in await kubectl.list("horizontalpodautoscalers")
        if one["spec"]["scaleTargetRef"]["name"] == deployment
    ]
    assert len(found) == 1, f"{deployment} has {len(found)} autoscalers"
    return found[0]


async def reads_external_metric(kubectl: Kubectl, deployment: str) -> bool:
    """Whether the autoscaler of a Deployment has a value from outside the cluster's own metrics.

    Its status says so as long as it is so; of events the API server keeps but a few a minute.
    """
    status = (await of_deployment(kubectl, deployment)).get("status", {})
    return any(one.get("type") == "External" for one in status.get("currentMetrics") or [])


async def said(kubectl: Kubectl, deployment: str, since: datetime) -> list[Said]:
    """What the autoscaler of a Deployment said since then, oldest first."""
    name = (await of_deployment(kubectl, deployment))["metadata"]["name"]
    events = [
        Said(datetime.fromisoformat(one["lastTimestamp"]), one["reason"], one["message"])
        for one in await kubectl.list("events")
        if one["involvedObject"]["kind"] == "HorizontalPodAutoscaler"
        and one["involvedObject"]["name"] == name
        and one.get("lastTimestamp")
    ]
    # Kubernetes writes whole seconds.
    recent = [one for one in events if one.at >= since.replace(microsecond=0)]
    return sorted(recent, key=lambda one: one.at)
