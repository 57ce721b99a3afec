"""What only a kind cluster lets a test do: bring images to its node, and kill single containers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from tests.cluster.equipment.commands import CommandFailed, run
from tests.cluster.equipment.kubectl import Kubectl
from tests.cluster.equipment.pods import Pod

_CONTEXT_PREFIX = "kind-"
"""kind names the context of the cluster `x` kind-x."""
LOAD_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class KindNode:
    """The node, which is a container of the engine that also has the images."""

    kubectl: Kubectl
    cluster: str

    @classmethod
    async def of(cls, kubectl: Kubectl) -> Self:
        """The node of kubectl's cluster. Skips the test where the cluster is none of kind's."""
        context = kubectl.context or (await kubectl("config", "current-context")).strip()
        if not context.startswith(_CONTEXT_PREFIX):
            pytest.skip(f"{context} is no kind cluster: its nodes cannot be given images")
        return cls(kubectl, context.removeprefix(_CONTEXT_PREFIX))

    async def bring_again(self, image: str, tag: str) -> str:
        """Give an image of the engine another tag, and bring it. Returns: its new name."""
        name = f"{repository_of(image)}:{tag}"
        await run("docker", "tag", image, name)
        await self._load(name)
        return name

    async def build(self, name: str, context: Path) -> None:
        """Build an image from a folder with a Dockerfile, and bring it."""
        await run("docker", "build", "--quiet", "--tag", name, str(context), limit_seconds=120)
        await self._load(name)

    async def kill_container(self, pod: Pod) -> None:
        """End a pod's container at once, as the kernel does when memory runs out.

        The pod stays, and the kubelet starts the container again. One that has just ended by
        itself is left alone.
        """
        found = await self.kubectl.get("pod", pod.name)
        (container,) = found["status"]["containerStatuses"]
        container_id = container["containerID"].removeprefix("containerd://")
        ctr = ("ctr", "--namespace=k8s.io", "tasks", "kill", "--signal=SIGKILL", container_id)
        try:
            await run("docker", "exec", found["spec"]["nodeName"], *ctr)
        except CommandFailed as error:
            if "not found" not in error.errors:
                raise

    async def _load(self, name: str) -> None:
        load = ("kind", "load", "docker-image", "--name", self.cluster, name)
        await run(*load, limit_seconds=LOAD_SECONDS)


def repository_of(image: str) -> str:
    """An image's name without its tag; a registry's port is no tag."""
    head, colon, tail = image.rpartition(":")
    return head if colon and "/" not in tail else image
