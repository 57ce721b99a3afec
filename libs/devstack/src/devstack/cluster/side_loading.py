"""Images of others that the engine has already are copied into a kind node, not pulled by it again.

A node has a store of its own: a new cluster would pull what is on the machine, and where no
registry can be reached its pods would wait for ever.
"""

from pathlib import Path

import yaml

from devstack.cluster.contexts import KIND_PREFIX
from devstack.cluster.kubectl import Kubectl
from devstack.cluster.programs import Programs, say

VALUES = Path("charts/taskchat/values.yaml")
# Postgres has 450 MB; a busy disk takes a minute for it.
LOAD_SECONDS = 300


def side_load(programs: Programs, kubectl: Kubectl) -> None:
    """Copy the chart's foreign images into the nodes of a kind cluster, as far as they are here.

    Images that every node has are left. Of any other cluster nothing is known: it pulls.

    Raises: ClusterProblem: kind could not copy an image.
    """
    if not kubectl.context.startswith(KIND_PREFIX):
        return
    cluster = kubectl.context.removeprefix(KIND_PREFIX)
    for image in foreign_images(programs.root):
        if present(kubectl, image):
            continue
        if programs.ask("docker", "image", "inspect", image).code == 0:
            say("cluster", f"loading {image} of this machine into the node …")
            load = ("kind", "load", "docker-image", image, "--name", cluster)
            programs.require(*load, limit_seconds=LOAD_SECONDS)


def present(kubectl: Kubectl, image: str) -> bool:
    """Whether every node says that it has the image.

    Asked of the nodes' status: kind itself asks a program of the node that not every node has. A
    status names 50 images (`nodeStatusMaxImages`); of one with more, kind finds out.
    """
    statuses = [node["status"] for node in kubectl.list("nodes")]
    return all(
        any(image in _short(name) for held in status.get("images", ()) for name in held["names"])
        for status in statuses
    )


def _short(name: str) -> set[str]:
    """The names under which an image of Docker Hub may be asked for, e.g. `postgres:17`."""
    return {name, name.removeprefix("docker.io/"), name.removeprefix("docker.io/library/")}


def foreign_images(root: Path) -> list[str]:
    """The images that the chart runs and skaffold does not build, by name and tag or digest."""
    image = yaml.safe_load((root / VALUES).read_text())["postgres"]["image"]
    if image["digest"]:
        return [f"{image['repository']}@{image['digest']}"]
    return [f"{image['repository']}:{image['tag']}"]
