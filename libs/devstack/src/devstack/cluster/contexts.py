"""Which cluster a command is about: never somebody's production by accident."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass

from devstack.cluster.programs import ClusterProblem, Programs

VARIABLE = "TASKCHAT_CONTEXT"
OUR_NAME = "taskchat"
KIND_PREFIX = "kind-"


@dataclass(frozen=True)
class Kubeconfig:
    """What KUBECONFIG, or ~/.kube/config, knows."""

    contexts: tuple[str, ...]
    current: str | None


@dataclass(frozen=True)
class Existing:
    """A cluster that answers and that we may use."""

    context: str


@dataclass(frozen=True)
class Absent:
    """No cluster yet. Attributes: name: of the kind cluster to make."""

    name: str


def read_kubeconfig(programs: Programs) -> Kubeconfig:
    """The contexts that are configured; none without a configuration."""
    said = json.loads(programs.require("kubectl", "config", "view", "--output=json"))
    names = tuple(entry["name"] for entry in said.get("contexts") or ())
    return Kubeconfig(names, said.get("current-context") or None)


def choose(
    kubeconfig: Kubeconfig,
    wanted: str | None,
    answers: Callable[[str], bool],
    kind_clusters: Callable[[], Collection[str]],
) -> Existing | Absent:
    """The cluster to use, or to make.

    Without a wish it is the current context, if that is one of kind: those are on this machine and
    made to be thrown away. Any other has to be named.

    Args: wanted: TASKCHAT_CONTEXT. answers: whether the API server of a context is ready.
        kind_clusters: names of the kind clusters on this machine.
    Raises: ClusterProblem: not ours to touch, unknown, or there but silent.
    """
    context = wanted or kubeconfig.current
    if context is None:
        return Absent(OUR_NAME)
    if wanted is None and not context.startswith(KIND_PREFIX):
        raise ClusterProblem(
            f"The current context is {context}, which is no cluster of kind: it may be somebody's "
            "production, so nothing was changed.\n"
            f"To use it all the same:   {VARIABLE}={context} make …\n"
            f"For a cluster of kind:    {VARIABLE}={KIND_PREFIX}{OUR_NAME} make cluster"
        )
    if context in kubeconfig.contexts and answers(context):
        return Existing(context)
    if not context.startswith(KIND_PREFIX):
        raise silent_or_unknown(context, kubeconfig)
    name = context.removeprefix(KIND_PREFIX)
    if name not in kind_clusters():
        # A leftover of a cluster that was removed by hand.
        return Absent(OUR_NAME if wanted is None else name)
    if context in kubeconfig.contexts:
        raise ClusterProblem(
            f"The kind cluster {name} exists, but {context} does not answer. If its container was "
            f"stopped: docker start {name}-control-plane\n"
            f"Otherwise remove it: kind delete cluster --name {name}"
        )
    return Absent(name)


def silent_or_unknown(context: str, kubeconfig: Kubeconfig) -> ClusterProblem:
    """Why a cluster that somebody asked for cannot be used."""
    if context in kubeconfig.contexts:
        return ClusterProblem(
            f"{context} does not answer: kubectl --context {context} get --raw=/readyz"
        )
    known = ", ".join(kubeconfig.contexts) or "none"
    return ClusterProblem(f"{VARIABLE}={context}: no such context. There is: {known}.")
