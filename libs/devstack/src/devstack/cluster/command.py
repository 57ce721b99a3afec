"""`make cluster`, `deploy`, `dev`, `cluster-test` and `cluster-down`."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from devstack.cluster.addons import read_addons
from devstack.cluster.contexts import VARIABLE, Absent, Existing, choose, read_kubeconfig
from devstack.cluster.installation import Installation
from devstack.cluster.kind_cluster import create, delete, is_ours, names
from devstack.cluster.kubectl import Kubectl
from devstack.cluster.needs import absent
from devstack.cluster.programs import ClusterProblem, Programs, programs, say
from devstack.cluster.side_loading import side_load

EXIT_FAILED = 1
# pytest.ExitCode.TESTS_FAILED: not a wrong option, nor an interruption.
PYTEST_TESTS_FAILED = 1
RELEASE = NAMESPACE = "taskchat"
URL = "http://taskchat.localhost"
# Label of the namespace in k8s/namespace.yaml: without it, it is somebody else's.
NAMESPACE_MADE_BY_US = "taskchat/made-by=make-deploy"
# Where k8s/kind.yaml's image cannot be pulled.
NODE_IMAGE_VARIABLE = "TASKCHAT_NODE_IMAGE"
# Instead of a new one for each run, which would be a change of every pod: all would be rolled, also
# where nothing else has changed.
RUN_LABEL = "skaffold.dev/run-id=taskchat"
# So that whoever waits for the suite sees what for.
SLOWEST_SHOWN = 15
CLUSTER_TOOLS = ("kubectl", "helm", "kind")
DELETE_SECONDS = 300


def command(name: str, root: Path, _folder: Path, _env_file: Path) -> int:
    """Run the command of this name; return the exit code."""
    commands: Mapping[str, Callable[[Path], int]] = {
        "cluster": cluster,
        "deploy": deploy,
        "dev": dev,
        "cluster-test": cluster_test,
        "cluster-down": cluster_down,
    }
    try:
        return commands[name](root)
    except ClusterProblem as problem:
        sys.stderr.write(f"{problem}\n")
        return EXIT_FAILED


def cluster(root: Path) -> int:
    """Use the cluster that is there, or make one; install the add-ons that it lacks."""
    started = time.monotonic()
    tools = programs(root, *CLUSTER_TOOLS)
    chosen = chosen_cluster(tools)
    if isinstance(chosen, Absent):
        context = create(tools, chosen.name, os.environ.get(NODE_IMAGE_VARIABLE))
    else:
        context = chosen.context
    kubectl = Kubectl(tools, context)
    say("cluster", f"{context} answers (Kubernetes {kubectl.version()})")
    Installation(tools, kubectl).run(read_addons(root))
    say("cluster", f"ready after {time.monotonic() - started:.0f} s; next: make deploy")
    return 0


def deploy(root: Path) -> int:
    """Build the images, load them and install the chart; say where it is."""
    started = time.monotonic()
    tools, kubectl = prepared(root)
    code = skaffold(tools, kubectl, "run")
    if code == 0:
        seconds = time.monotonic() - started
        print(
            f"\ntaskchat is deployed to {kubectl.context} ({seconds:.0f} s).\n\n"
            f"  people   {URL}\n"
            f"  traces   kubectl --namespace observability port-forward service/jaeger 16686\n"
            f"  try it   helm test {RELEASE} --namespace {NAMESPACE} "
            f"--kube-context {kubectl.context}\n"
            f"  next     make dev, or make cluster-test"
        )
    return code


def dev(root: Path) -> int:
    """Deploy, forward ports, and bring each changed source into the running pods."""
    tools, kubectl = prepared(root)
    return skaffold(tools, kubectl, "dev")


def cluster_test(root: Path) -> int:
    """Deploy production images and test what runs there; the output ends in pytest's line."""
    tools, kubectl = prepared(root)
    code = skaffold(tools, kubectl, "run", "--profile", "ci")
    if code != 0:
        return code
    return run_tests(root, {**tools.environment, VARIABLE: kubectl.context})


def run_tests(root: Path, environment: Mapping[str, str]) -> int:
    """Run the cluster's tests, and once more those that failed; return pytest's exit code.

    A node that stands still for seconds (its disk, its neighbours) is no fault of what is tested.
    Both runs are shown; what fails twice has failed.
    """
    argv = [sys.executable, "-m", "pytest", "tests/cluster", f"--durations={SLOWEST_SHOWN}"]
    code = subprocess.run(argv, cwd=root, env=environment, check=False).returncode
    if code != PYTEST_TESTS_FAILED:
        return code
    say("cluster-test", "what failed is run once more")
    return subprocess.run(
        [*argv, "--last-failed"], cwd=root, env=environment, check=False
    ).returncode


def cluster_down(root: Path) -> int:
    """Remove the cluster that `make cluster` made; of any other, what `make deploy` put there."""
    tools = programs(root, *CLUSTER_TOOLS)
    chosen = chosen_cluster(tools)
    if isinstance(chosen, Absent):
        say("cluster", "there is none")
        return 0
    kubectl = Kubectl(tools, chosen.context)
    if is_ours(kubectl):
        delete(tools, chosen.context)
        say("cluster", f"{chosen.context} is removed")
        return 0
    uninstall(tools, kubectl)
    say("cluster", f"{chosen.context} is not ours: left, with its add-ons; taskchat is removed")
    return 0


def chosen_cluster(tools: Programs) -> Existing | Absent:
    """The cluster that the environment and KUBECONFIG point to."""
    return choose(
        read_kubeconfig(tools),
        os.environ.get(VARIABLE) or None,
        lambda context: Kubectl(tools, context).answers(),
        lambda: names(tools),
    )


def prepared(root: Path) -> tuple[Programs, Kubectl]:
    """Tools, and the cluster with everything that the chart expects, images of this machine too.

    Raises: ClusterProblem: there is no cluster, or it lacks an add-on.
    """
    tools = programs(root, *CLUSTER_TOOLS, "skaffold")
    chosen = chosen_cluster(tools)
    if isinstance(chosen, Absent):
        raise ClusterProblem("There is no cluster yet: make cluster")
    kubectl = Kubectl(tools, chosen.context)
    lacking = [addon.name for addon in read_addons(root) if absent(kubectl, addon.needs)]
    if lacking:
        raise ClusterProblem(f"{chosen.context} lacks {', '.join(lacking)}: make cluster")
    side_load(tools, kubectl)
    return tools, kubectl


def skaffold(tools: Programs, kubectl: Kubectl, *arguments: str) -> int:
    """Run skaffold on this cluster with the terminal's input and output; return its exit code."""
    where = ("--kube-context", kubectl.context, "--label", RUN_LABEL)
    return tools.show("skaffold", *arguments, *where)


def uninstall(tools: Programs, kubectl: Kubectl) -> None:
    """Remove the release, and its namespace where k8s/namespace.yaml made it."""
    where = ("--kube-context", kubectl.context, "--namespace", NAMESPACE)
    if tools.ask("helm", "status", RELEASE, *where).code == 0:
        wait = ("--wait", "--timeout", f"{DELETE_SECONDS}s")
        tools.require(
            "helm", "uninstall", RELEASE, *where, *wait, limit_seconds=DELETE_SECONDS + 30
        )
    tools.require(
        *("kubectl", "--context", kubectl.context, "delete", "namespace"),
        *("--selector", f"kubernetes.io/metadata.name={NAMESPACE},{NAMESPACE_MADE_BY_US}"),
        f"--timeout={DELETE_SECONDS}s",
        limit_seconds=DELETE_SECONDS + 30,
    )
