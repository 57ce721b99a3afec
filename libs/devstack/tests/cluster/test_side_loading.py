"""Images that are on the machine need not be pulled by a new node."""

from pathlib import Path

import pytest
from devstack.cluster.kubectl import Kubectl
from devstack.cluster.programs import ClusterProblem
from devstack.cluster.side_loading import VALUES, foreign_images, side_load

from .machine import Machine

ROOT = Path(__file__).parents[4]


@pytest.fixture
def loading(machine: Machine) -> Machine:
    """A machine whose checkout has the chart's values."""
    values = machine.programs.root / VALUES
    values.parent.mkdir(parents=True)
    values.write_text("postgres: {image: {repository: postgres, tag: '17', digest: ''}}")
    hold(machine, "docker.io/library/postgres:16", "registry.k8s.io/postgres:17")
    return machine


def hold(machine: Machine, *names: str) -> None:
    """Let the cluster's one node say which images it has."""
    machine.when("get nodes", {"items": [{"status": {"images": [{"names": list(names)}]}}]})


def test_image_of_the_machine_is_loaded(loading: Machine) -> None:
    side_load(loading.programs, loading.kubectl)
    assert loading.calls("kind load") == ["kind load docker-image postgres:17 --name taskchat"]


@pytest.mark.parametrize("name", ["docker.io/library/postgres:17", "postgres:17"])
def test_image_that_the_node_has_is_not_loaded_again(loading: Machine, name: str) -> None:
    hold(loading, "docker.io/library/busybox:1", name)
    side_load(loading.programs, loading.kubectl)
    assert loading.calls("kind load") == []


def test_image_that_is_not_there_is_left_to_the_node(loading: Machine) -> None:
    loading.when("docker image inspect", code=1, complains="No such image: postgres:17")
    side_load(loading.programs, loading.kubectl)
    assert loading.calls("kind load") == []


def test_cluster_that_is_not_of_kind_pulls_by_itself(loading: Machine) -> None:
    side_load(loading.programs, Kubectl(loading.programs, "prod-eu"))
    assert loading.calls() == []


def test_failure_of_kind_is_quoted(loading: Machine) -> None:
    loading.when("kind load", code=1, complains="ERROR: no nodes found for cluster")
    with pytest.raises(ClusterProblem, match="no nodes found"):
        side_load(loading.programs, loading.kubectl)


def test_digest_wins_over_a_tag(loading: Machine) -> None:
    values = loading.programs.root / VALUES
    values.write_text("postgres: {image: {repository: postgres, tag: '17', digest: 'sha256:ab'}}")
    assert foreign_images(loading.programs.root) == ["postgres@sha256:ab"]


def test_chart_names_its_postgres() -> None:
    assert foreign_images(ROOT) == ["postgres:17"]
