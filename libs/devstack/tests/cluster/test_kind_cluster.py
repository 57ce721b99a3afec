"""Making the cluster of our own, and knowing it again."""

import pytest
from devstack.cluster.kind_cluster import create, is_ours
from devstack.cluster.kubectl import Kubectl
from devstack.cluster.programs import ClusterProblem

from .machine import Machine


class TestWithoutDocker:
    def test_says_what_to_install(self, machine: Machine) -> None:
        machine.remove("docker")
        with pytest.raises(ClusterProblem) as refusal:
            create(machine.programs, "taskchat", None)
        assert "docker is not installed" in str(refusal.value)
        assert "https://docs.docker.com/engine/install" in str(refusal.value)
        assert "TASKCHAT_CONTEXT=<context> make cluster" in str(refusal.value)
        assert machine.calls("create") == []

    def test_engine_that_does_not_run_is_named(self, machine: Machine) -> None:
        complaint = "Cannot connect to the Docker daemon. Is the docker daemon running?"
        machine.when("docker version", code=1, complains=complaint)
        with pytest.raises(ClusterProblem, match="Cannot connect to the Docker daemon"):
            create(machine.programs, "taskchat", None)


class TestCreate:
    def test_failure_is_quoted(self, machine: Machine) -> None:
        machine.when("kind create", code=1, complains="ERROR: port 80 is already allocated")
        with pytest.raises(ClusterProblem, match="port 80 is already allocated"):
            create(machine.programs, "taskchat", None)

    def test_cluster_that_is_there_is_kept(self, machine: Machine) -> None:
        machine.when("kind get clusters", "other\ntaskchat\n")
        assert create(machine.programs, "taskchat", None) == "kind-taskchat"
        assert machine.calls("kind export") == ["kind export kubeconfig --name taskchat"]
        assert machine.calls("kind create") == []

    def test_cluster_that_is_there_but_dead_is_named(self, machine: Machine) -> None:
        machine.when("kind get clusters", "taskchat")
        machine.when("get --raw=/readyz", code=1)
        with pytest.raises(ClusterProblem, match="kind delete cluster --name taskchat"):
            create(machine.programs, "taskchat", None)

    def test_new_one_has_our_configuration(self, machine: Machine) -> None:
        assert create(machine.programs, "taskchat", None) == "kind-taskchat"
        made = machine.calls("kind create")
        assert made == [
            "kind create cluster --name taskchat --config k8s/kind.yaml --wait 180s",
        ]

    def test_another_node_image_may_be_given(self, machine: Machine) -> None:
        create(machine.programs, "taskchat", "mirror/node:v1.34.4")
        assert "--image mirror/node:v1.34.4" in machine.calls("kind create")[0]


class TestIsOurs:
    def test_cluster_without_the_label_is_not(self, machine: Machine) -> None:
        assert not is_ours(machine.kubectl)

    def test_cluster_that_is_not_of_kind_is_not(self, machine: Machine) -> None:
        machine.when("get nodes", "node/one")
        assert not is_ours(Kubectl(machine.programs, "prod-eu"))

    def test_cluster_with_the_label_is(self, machine: Machine) -> None:
        machine.when("get nodes --selector taskchat/made-by=make-cluster", "node/one")
        assert is_ours(machine.kubectl)
