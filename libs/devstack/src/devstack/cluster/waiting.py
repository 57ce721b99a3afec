"""Waiting for needs, with a limit that names what is still not ready, and why."""

import time
from collections.abc import Iterator, Sequence

from devstack.cluster.addons import Need
from devstack.cluster.kubectl import Kubectl, Manifest
from devstack.cluster.needs import unmet
from devstack.cluster.programs import ClusterProblem, say

POLL_SECONDS = 2.0
REMIND_SECONDS = 30.0


def wait_until_met(
    kubectl: Kubectl, name: str, needs: Sequence[Need], namespace: str, limit_seconds: float
) -> None:
    """Wait until all needs are met; say what is missing at first and every half minute.

    Args: name: of the add-on, for the lines. namespace: where its pods are.
    Raises: ClusterProblem: after the limit, with the needs and the pods that are not ready.
    """
    started = time.monotonic()
    said_at = -REMIND_SECONDS
    while missing := look(kubectl, needs):
        waited = time.monotonic() - started
        if waited > limit_seconds:
            raise ClusterProblem(not_ready(name, missing, troubles(kubectl, namespace), waited))
        if waited - said_at >= REMIND_SECONDS:
            said_at = waited
            say(name, f"waiting for {', '.join(missing)} …")
        time.sleep(POLL_SECONDS)


def look(kubectl: Kubectl, needs: Sequence[Need]) -> list[str]:
    """What is not ready; the API server itself while it is too busy to say."""
    try:
        return [str(need) for need in unmet(kubectl, needs)]
    except ClusterProblem as silence:
        return [f"an answer ({silence})"]


def not_ready(name: str, missing: Sequence[str], pods: Sequence[str], waited: float) -> str:
    """What to tell the person who waited in vain."""
    first = f"{name} is not ready after {waited:.0f} s: {', '.join(missing)}."
    last = "When that is mended: make cluster"
    return "\n".join([first, *(f"  {pod}" for pod in pods), last])


def troubles(kubectl: Kubectl, namespace: str) -> list[str]:
    """One line for each pod of a namespace that is not ready; none from a silent API server."""
    try:
        pods = kubectl.list("pods", namespace)
    except ClusterProblem:
        return []
    return [
        f"pod {namespace}/{pod['metadata']['name']}: {'; '.join(reasons(pod))}"
        for pod in pods
        if not is_ready(pod)
    ]


def is_ready(pod: Manifest) -> bool:
    """Whether a pod serves, or was a job's and has done its work."""
    conditions = {c["type"]: c["status"] for c in pod["status"].get("conditions", ())}
    return pod["status"]["phase"] == "Succeeded" or conditions.get("Ready") == "True"


def reasons(pod: Manifest) -> Iterator[str]:
    """Why a pod is not ready: what its containers wait for, else where it could not be put."""
    status = pod["status"]
    containers = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
    waits = [c["state"]["waiting"] for c in containers if "waiting" in c.get("state", {})]
    if not waits:
        unscheduled = [
            c for c in status.get("conditions", ()) if c.get("reason") == "Unschedulable"
        ]
        waits = unscheduled or [{"reason": status["phase"]}]
    for wait in waits:
        yield " ".join(filter(None, [wait.get("reason"), wait.get("message")]))
