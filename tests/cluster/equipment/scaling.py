"""Components with a given number of pods: by the chart's own values, or without any at all."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.cluster.equipment.components import merged, values_of
from tests.cluster.equipment.helm import Values
from tests.cluster.equipment.release import LOOK_SECONDS, Component, Release
from tests.equipment.waiting import wait_until

SCALE_SECONDS = 90.0
"""The autoscaler looks every 15 s, a pod needs seconds to be ready, and one that goes drains."""
PAUSED_AT = "autoscaling.keda.sh/paused-replicas"


def scaled_values(component: Component, pods: int) -> dict[str, Any]:
    """Values with which a component has so many pods, with an autoscaler or without.

    The autoscaler may not go beyond them: a test that counts pods wants no more of them either.
    """
    autoscaling = {"minReplicas": pods, "maxReplicas": pods}
    return values_of(component, {"replicas": pods, "autoscaling": autoscaling})


async def wait_until_scaled(
    release: Release, component: Component, pods: int, limit_seconds: float = SCALE_SECONDS
) -> None:
    """Wait until exactly so many pods of a component serve, and none is going.

    Raises: AssertionError: not in time.
    """

    async def look() -> bool:
        found = await release.pods(component)
        return len(found) == pods and all(pod.serves for pod in found)

    state = f"{component} of {release.name} has {pods} serving pods"
    await wait_until(state, look, limit_seconds, every_seconds=LOOK_SECONDS)


@asynccontextmanager
async def scaled_to(
    release: Release, numbers: Mapping[Component, int], values: Values | None = None
) -> AsyncIterator[None]:
    """Run the block with so many pods of each; afterwards the release is as it was before.

    Args: values: changed with it, so that pods are replaced once.
    """
    scaled = (scaled_values(component, pods) for component, pods in numbers.items())
    async with release.upgraded(merged(values or {}, *scaled)):
        for component, pods in numbers.items():
            await wait_until_scaled(release, component, pods)
        yield


@asynccontextmanager
async def without_pods(release: Release, component: Component) -> AsyncIterator[None]:
    """Run the block while a component has no pod; afterwards it has as many as before."""
    name = release.resource(component)
    before = (await release.kubectl.get("deployment", name))["spec"]["replicas"]
    # KEDA brings back what is scaled to 0 behind its back; the autoscaler alone leaves it so.
    has_keda = await release.kubectl.find("scaledobjects.keda.sh", name) is not None
    try:
        if has_keda:
            await release.kubectl("annotate", "scaledobjects.keda.sh", name, f"{PAUSED_AT}=0")
        await release.kubectl("scale", "deployment", name, "--replicas=0")
        await wait_until_scaled(release, component, 0)
        yield
    finally:
        if has_keda:
            await release.kubectl("annotate", "scaledobjects.keda.sh", name, f"{PAUSED_AT}-")
        await release.kubectl("scale", "deployment", name, f"--replicas={before}")
        await release.wait_until_settled()
