"""Rules of the cluster's Prometheus: brought in for a test, and taken away after it."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import yaml

from tests.cluster.equipment.kubectl import Kubectl
from tests.cluster.equipment.prometheus import Prometheus
from tests.equipment.waiting import wait_until

CONFIG_MAP = "prometheus-rules"
"""k8s/platform/prometheus mounts it where there is one."""
PODS = "app.kubernetes.io/name=prometheus"
LOOK_SECONDS = 1.0
LOAD_SECONDS = 120.0
"""The kubelet brings a changed ConfigMap within its sync period of a minute; see `_hurry`."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A rule as Prometheus last evaluated it. Attributes: state: of an alert: inactive, pending or
    firing; empty for what is recorded. error: what Prometheus said, empty when all was well."""

    name: str
    health: str
    error: str
    state: str
    labels: Mapping[str, str]


async def evaluated(prometheus: Prometheus) -> list[Evaluated]:
    """Every rule that Prometheus has."""
    answer = await prometheus.client.get(f"{prometheus.url}/api/v1/rules")
    answer.raise_for_status()
    return [
        Evaluated(
            rule["name"],
            rule["health"],
            rule.get("lastError", ""),
            rule.get("state", ""),
            rule.get("labels", {}),
        )
        for group in answer.json()["data"]["groups"]
        for rule in group["rules"]
    ]


@asynccontextmanager
async def loaded_rules(
    kubectl: Kubectl, prometheus: Prometheus, files: Mapping[str, str]
) -> AsyncIterator[None]:
    """Run the block with these rules, each evaluated once; afterwards with those from before.

    Args: kubectl: of Prometheus' namespace. files: texts by their name, `<name>.yaml`.
    Raises: AssertionError: not loaded in time; names what Prometheus has instead.
    """
    before = await kubectl.find("configmap", CONFIG_MAP)
    try:
        await _put(kubectl, files)
        await _load(kubectl, prometheus, files)
        yield
    finally:
        kept = {} if before is None else before["data"]
        await _put(kubectl, kept)
        await _load(kubectl, prometheus, kept)


async def _put(kubectl: Kubectl, files: Mapping[str, str]) -> None:
    manifest: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": CONFIG_MAP},
        "data": dict(files),
    }
    # What is applied over a map that somebody else has made would leave their keys in it.
    await kubectl.delete("configmap", CONFIG_MAP)
    if files:
        await kubectl.apply(manifest)


async def _load(kubectl: Kubectl, prometheus: Prometheus, files: Mapping[str, str]) -> None:
    groups = [group for text in files.values() for group in yaml.safe_load(text)["groups"]]
    wanted = sum(len(group["rules"]) for group in groups)
    await _hurry(kubectl)

    async def look() -> bool:
        answer = await prometheus.client.post(f"{prometheus.url}/-/reload")
        answer.raise_for_status()
        found = await evaluated(prometheus)
        return len(found) == wanted and all(rule.health != "unknown" for rule in found)

    state = f"Prometheus has {wanted} rules and has evaluated them"
    await wait_until(state, look, LOAD_SECONDS, every_seconds=LOOK_SECONDS)


async def _hurry(kubectl: Kubectl) -> None:
    """Let the kubelet look at the pod now: it does when an annotation has changed."""
    changed = f"taskchat/rules-changed-at={time.time_ns()}"
    await kubectl("annotate", "pods", f"--selector={PODS}", changed, "--overwrite")
