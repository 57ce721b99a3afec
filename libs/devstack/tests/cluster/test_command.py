"""The commands behind make, on machines whose kubectl points somewhere."""

import os
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from devstack.cluster.command import NAMESPACE_MADE_BY_US, command, run_tests
from devstack.cluster.contexts import VARIABLE
from devstack.stack import checkout

from .machine import Machine

ROOT = checkout()
HARMLESS = ("config view", "version", "get ", "status")


@pytest.fixture
def commands(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine whose programs are those on PATH, in the versions that we want."""
    monkeypatch.setenv("PATH", str(machine.bin))
    monkeypatch.delenv(VARIABLE, raising=False)
    machine.when("helm version", "v3.22.0")
    machine.when("kubectl version --client", "Client Version: v1.34.4")
    machine.when("kind version", "kind v0.33.0")
    machine.when("skaffold version", "v2.16.1")
    machine.when("kubectl --context.* get .*--output=json", {"items": []})
    point_to(machine, "kind-taskchat")
    return machine


def point_to(machine: Machine, context: str) -> None:
    """Make this the current context."""
    contexts = [{"name": context}]
    machine.when("config view", {"contexts": contexts, "current-context": context})


def run(name: str) -> int:
    """Run a command as make does."""
    return command(name, ROOT, Path(), Path())


def changes(machine: Machine) -> list[str]:
    """The commands that were not only questions."""
    return [call for call in machine.calls() if not any(word in call for word in HARMLESS)]


@pytest.mark.parametrize("name", ["cluster", "deploy", "dev", "cluster-test", "cluster-down"])
def test_nothing_touches_a_cluster_that_was_not_named(
    commands: Machine, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    point_to(commands, "prod-eu")
    assert run(name) == 1
    assert "The current context is prod-eu" in capsys.readouterr().err
    assert changes(commands) == []
    assert commands.calls("--context prod-eu") == []


@pytest.mark.parametrize("name", ["deploy", "dev", "cluster-test"])
class TestDeploying:
    def test_without_a_cluster_says_how_to_make_one(
        self, commands: Machine, capsys: pytest.CaptureFixture[str], name: str
    ) -> None:
        commands.when("config view", {"contexts": None, "current-context": ""})
        assert run(name) == 1
        assert "There is no cluster yet: make cluster" in capsys.readouterr().err
        assert changes(commands) == []

    def test_without_an_addon_names_it(
        self, commands: Machine, capsys: pytest.CaptureFixture[str], name: str
    ) -> None:
        commands.when("get customresourcedefinitions.* scaledobjects.keda.sh", "")
        assert run(name) == 1
        assert "kind-taskchat lacks keda: make cluster" in capsys.readouterr().err
        assert changes(commands) == []

    def test_failure_of_skaffold_is_ours(self, commands: Machine, name: str) -> None:
        commands.when("skaffold (run|dev)", code=3)
        assert run(name) == 3

    def test_goes_to_the_cluster_that_was_chosen(
        self, commands: Machine, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        commands.when("skaffold (run|dev)", code=3)
        point_to(commands, "prod-eu")
        monkeypatch.setenv(VARIABLE, "prod-eu")
        run(name)
        (call,) = [call for call in changes(commands) if call.startswith("skaffold")]
        assert "--kube-context prod-eu" in call
        assert ("--profile ci" in call) == (name == "cluster-test")


class TestRunTests:
    """pytest in a checkout of one test, which fails as often as a file says."""

    TEST = """
        from pathlib import Path

        def test_counts_down():
            left = int(Path("left").read_text())
            Path("left").write_text(str(left - 1))
            assert left == 0

        def test_holds():
            with open("held", "a") as held:
                held.write("once ")
    """

    @pytest.mark.parametrize(("failures", "code"), [(0, 0), (1, 0), (2, 1)])
    def test_what_failed_is_run_once_more(
        self, tmp_path: Path, capfd: pytest.CaptureFixture[str], failures: int, code: int
    ) -> None:
        (tmp_path / "tests/cluster").mkdir(parents=True)
        (tmp_path / "tests/cluster/test_it.py").write_text(dedent(self.TEST))
        (tmp_path / "left").write_text(str(failures))
        assert run_tests(tmp_path, {"PATH": os.defpath}) == code
        assert ("what failed is run once more" in capfd.readouterr().out) == (failures > 0)
        assert (tmp_path / "held").read_text() == "once "

    def test_a_wrong_option_is_not_tried_again(
        self, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        assert run_tests(tmp_path, {"PATH": os.defpath}) == pytest.ExitCode.USAGE_ERROR
        assert "once more" not in capfd.readouterr().out


class TestDeploy:
    def test_says_where_it_is_and_what_to_type_next(
        self, commands: Machine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("deploy") == 0
        said = capsys.readouterr().out
        assert "http://taskchat.localhost" in said
        assert "helm test taskchat --namespace taskchat --kube-context kind-taskchat" in said


class TestClusterDown:
    def test_without_a_cluster_does_nothing(self, commands: Machine) -> None:
        commands.when("config view", {"contexts": None, "current-context": ""})
        assert run("cluster-down") == 0
        assert changes(commands) == []

    def test_leaves_a_cluster_that_is_not_ours(self, commands: Machine) -> None:
        commands.when("get nodes", "")
        assert run("cluster-down") == 0
        assert [call.split(" --")[0] for call in changes(commands)] == [
            "helm uninstall taskchat",
            "kubectl",
        ]
        assert "metadata.name=taskchat,taskchat/made-by=make-deploy" in changes(commands)[1]

    def test_of_a_cluster_without_the_release_removes_the_namespace(
        self, commands: Machine
    ) -> None:
        commands.when("get nodes", "")
        commands.when("helm status", code=1, complains="Error: release: not found")
        assert run("cluster-down") == 0
        assert commands.calls("helm uninstall") == []
        assert len(commands.calls("delete namespace")) == 1

    def test_names_the_namespace_by_the_label_that_deploy_gives_it(self) -> None:
        manifest = yaml.safe_load((ROOT / "k8s/namespace.yaml").read_text())
        key, _, value = NAMESPACE_MADE_BY_US.partition("=")
        assert manifest["metadata"]["labels"][key] == value

    def test_removes_the_cluster_that_we_made(self, commands: Machine) -> None:
        commands.when("get nodes", "node/taskchat-control-plane")
        assert run("cluster-down") == 0
        assert changes(commands) == ["kind delete cluster --name taskchat"]
