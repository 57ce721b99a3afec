"""The cluster of our own: a kind node in a container of this machine."""

from collections.abc import Collection
from pathlib import Path

from devstack.cluster.contexts import KIND_PREFIX
from devstack.cluster.kubectl import Kubectl
from devstack.cluster.programs import ClusterProblem, Programs, say

CONFIG = Path("k8s/kind.yaml")
# k8s/kind.yaml puts it on the node.
MADE_BY_US = "taskchat/made-by=make-cluster"
# The node's image has 400 MB.
CREATE_SECONDS = 600
NO_DOCKER = """\
There is no cluster, and none can be made: {reason}.
Either start Docker (https://docs.docker.com/engine/install), then: make cluster
or take a cluster that you have:                          TASKCHAT_CONTEXT=<context> make cluster"""


def names(programs: Programs) -> Collection[str]:
    """The kind clusters of this machine; none where Docker is not there."""
    answer = programs.ask("kind", "get", "clusters")
    return answer.said.split() if answer.code == 0 else ()


def create(programs: Programs, name: str, node_image: str | None) -> str:
    """Make the cluster, or find the context of one that is there; return its context.

    Args: node_image: instead of the one in k8s/kind.yaml, where that cannot be pulled.
    Raises: ClusterProblem: no Docker, or kind failed.
    """
    require_docker(programs)
    if name in names(programs):
        programs.require("kind", "export", "kubeconfig", "--name", name)
    else:
        say("cluster", f"making the kind cluster {name}; the first time its image is pulled …")
        image = [] if node_image is None else ["--image", node_image]
        make = ("kind", "create", "cluster", "--name", name, "--config", str(CONFIG))
        programs.require(*make, *image, "--wait", "180s", limit_seconds=CREATE_SECONDS)
    context = KIND_PREFIX + name
    if not Kubectl(programs, context).answers():
        raise ClusterProblem(
            f"{context} does not answer. Remove it: kind delete cluster --name {name}"
        )
    return context


def require_docker(programs: Programs) -> None:
    """Raises: ClusterProblem: the docker program or its engine is not there."""
    try:
        answer = programs.ask("docker", "version", "--format", "{{.Server.Version}}")
    except ClusterProblem as missing:
        raise ClusterProblem(NO_DOCKER.format(reason="docker is not installed")) from missing
    if answer.code != 0:
        complaint = answer.complained.strip().splitlines() or ["docker does not answer"]
        raise ClusterProblem(NO_DOCKER.format(reason=complaint[-1].rstrip(".")))


def is_ours(kubectl: Kubectl) -> bool:
    """Whether `make cluster` made the cluster of this context."""
    if not kubectl.context.startswith(KIND_PREFIX):
        return False
    answer = kubectl.ask("get", "nodes", "--selector", MADE_BY_US, "--output=name")
    return answer.code == 0 and answer.said.strip() != ""


def delete(programs: Programs, context: str) -> None:
    """Remove a kind cluster and its context."""
    programs.require("kind", "delete", "cluster", "--name", context.removeprefix(KIND_PREFIX))
