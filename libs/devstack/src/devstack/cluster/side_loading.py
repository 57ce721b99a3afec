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

    Images that the nodes have are left. Of any other cluster nothing is known: it pulls.

    Raises: ClusterProblem: kind could not copy an image.
    """
    if not kubectl.context.startswith(KIND_PREFIX):
        return
    cluster = kubectl.context.removeprefix(KIND_PREFIX)
    for image in foreign_images(programs.root):
        if programs.ask("docker", "image", "inspect", image).code == 0:
            say("cluster", f"{image} is on this machine: loaded into the node if it lacks it")
            load = ("kind", "load", "docker-image", image, "--name", cluster)
            programs.require(*load, limit_seconds=LOAD_SECONDS)


def foreign_images(root: Path) -> list[str]:
    """The images that the chart runs and skaffold does not build, by name and tag or digest."""
    image = yaml.safe_load((root / VALUES).read_text())["postgres"]["image"]
    if image["digest"]:
        return [f"{image['repository']}@{image['digest']}"]
    return [f"{image['repository']}:{image['tag']}"]
