"""Pods, as far as the tests look at them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod at one moment. Attributes: restarts: of all its containers."""

    name: str
    uid: str
    address: str
    phase: str
    ready: bool
    terminating: bool
    restarts: int
    images: tuple[str, ...]
    labels: Mapping[str, str]

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """A pod from the API's object."""
        metadata, status = found["metadata"], found.get("status", {})
        containers = status.get("containerStatuses", [])
        conditions = {one["type"]: one["status"] for one in status.get("conditions", [])}
        return cls(
            name=metadata["name"],
            uid=metadata["uid"],
            address=status.get("podIP", ""),
            phase=status.get("phase", "Unknown"),
            ready=conditions.get("Ready") == "True",
            terminating="deletionTimestamp" in metadata,
            restarts=sum(one["restartCount"] for one in containers),
            images=tuple(one["image"] for one in found["spec"]["containers"]),
            labels=metadata.get("labels", {}),
        )

    @property
    def is_finished(self) -> bool:
        """Whether it has done its work, as a Job's or a test's pod does."""
        return self.phase in {"Succeeded", "Failed"}

    @property
    def serves(self) -> bool:
        """Whether a Service sends requests to it."""
        return self.ready and not self.terminating


@dataclass(frozen=True, slots=True)
class Rollout:
    """How far a Deployment or StatefulSet is. Attributes: wanted: how many pods it shall have."""

    name: str
    wanted: int
    is_done: bool

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """A rollout from the API's object: done when every pod is new, and available."""
        status, wanted = found.get("status", {}), found["spec"].get("replicas", 1)
        seen = status.get("observedGeneration", 0) >= found["metadata"]["generation"]
        counts = {status.get(key, 0) for key in ("replicas", "updatedReplicas", "readyReplicas")}
        if found["kind"] == "Deployment":
            counts.add(status.get("availableReplicas", 0))
        return cls(found["metadata"]["name"], wanted, seen and counts == {wanted})
