"""Which cluster a command takes, and which it leaves alone."""

import pytest
from devstack.cluster.contexts import Absent, Existing, Kubeconfig, choose, read_kubeconfig
from devstack.cluster.programs import ClusterProblem

from .machine import Machine

NOTHING = Kubeconfig((), None)
KIND = Kubeconfig(("kind-taskchat", "prod-eu"), "kind-taskchat")
PRODUCTION = Kubeconfig(("kind-taskchat", "prod-eu"), "prod-eu")


def pick(
    kubeconfig: Kubeconfig,
    wanted: str | None = None,
    *,
    answers: bool = True,
    kind_clusters: tuple[str, ...] = ("taskchat",),
) -> Existing | Absent:
    """Choose on a machine like this."""
    return choose(kubeconfig, wanted, lambda _context: answers, lambda: kind_clusters)


class TestSomebodyElsesCluster:
    def test_is_refused_with_its_name_and_the_variable_to_set(self) -> None:
        with pytest.raises(ClusterProblem) as refusal:
            pick(PRODUCTION)
        assert "The current context is prod-eu" in str(refusal.value)
        assert "TASKCHAT_CONTEXT=prod-eu make" in str(refusal.value)
        assert "TASKCHAT_CONTEXT=kind-taskchat make cluster" in str(refusal.value)

    def test_is_not_even_asked_whether_it_answers(self) -> None:
        def answers(context: str) -> bool:
            pytest.fail(f"{context} was asked")

        with pytest.raises(ClusterProblem):
            choose(PRODUCTION, None, answers, tuple)

    def test_whose_name_only_contains_kind_is_refused(self) -> None:
        with pytest.raises(ClusterProblem, match="man-kind-1"):
            pick(Kubeconfig(("man-kind-1",), "man-kind-1"))

    def test_is_taken_when_it_is_named(self) -> None:
        assert pick(PRODUCTION, "prod-eu") == Existing("prod-eu")

    def test_is_passed_over_for_one_that_is_named(self) -> None:
        assert pick(PRODUCTION, "kind-taskchat") == Existing("kind-taskchat")


class TestClusterThatIsNotThere:
    def test_unknown_name_is_refused_with_those_that_are_known(self) -> None:
        with pytest.raises(ClusterProblem, match=r"prod-us: no such context.*prod-eu"):
            pick(PRODUCTION, "prod-us")

    def test_named_one_that_does_not_answer_is_not_replaced(self) -> None:
        with pytest.raises(ClusterProblem, match="prod-eu does not answer"):
            pick(PRODUCTION, "prod-eu", answers=False)

    def test_stopped_kind_cluster_is_not_replaced(self) -> None:
        with pytest.raises(ClusterProblem, match="docker start taskchat-control-plane"):
            pick(KIND, answers=False)

    def test_leftover_context_of_a_removed_kind_cluster_means_a_new_one(self) -> None:
        assert pick(KIND, answers=False, kind_clusters=()) == Absent("taskchat")

    def test_kind_cluster_without_a_context_is_found_again(self) -> None:
        assert pick(NOTHING, "kind-taskchat") == Absent("taskchat")

    def test_named_kind_cluster_is_made_under_its_name(self) -> None:
        assert pick(PRODUCTION, "kind-other") == Absent("other")

    def test_no_configuration_means_a_new_one(self) -> None:
        assert pick(NOTHING, kind_clusters=()) == Absent("taskchat")


def test_current_kind_cluster_is_taken() -> None:
    assert pick(KIND) == Existing("kind-taskchat")


class TestKubeconfig:
    def test_that_is_not_there_has_no_contexts(self, machine: Machine) -> None:
        machine.when("config view", {"contexts": None, "current-context": ""})
        assert read_kubeconfig(machine.programs) == NOTHING

    def test_is_read(self, machine: Machine) -> None:
        contexts = [{"name": "kind-taskchat"}, {"name": "prod-eu"}]
        machine.when("config view", {"contexts": contexts, "current-context": "prod-eu"})
        assert read_kubeconfig(machine.programs) == PRODUCTION
