"""Add-ons: left alone where they are, installed in the safe order where they are not."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from devstack.cluster.addons import Addon, Need
from devstack.cluster.installation import Installation
from devstack.cluster.programs import ClusterProblem

from .machine import CONTEXT, Machine

API = Need("APIService", "v1beta1.metrics.k8s.io")
SERVICE = {"metadata": {"name": "web", "namespace": "ns"}, "spec": {}}
READY_SLICE = {"items": [{"endpoints": [{"conditions": {"ready": True}}]}]}
GATEWAY_CLASS = yaml.safe_dump({"kind": "GatewayClass", "metadata": {"name": "eg"}})
RENDERED = [
    {"kind": "Service", "metadata": {"name": "web", "namespace": "ns", "labels": {"a": "b"}}},
    {
        "kind": "APIService",
        "metadata": {"name": API.name},
        "spec": {"service": {"name": "web", "namespace": "ns"}},
    },
]


def addon(*needs: Need, manifest: Path | None = None) -> Addon:
    """An add-on that the chart needs for this."""
    return Addon(
        name="thing",
        repository="https://charts.example.com",
        chart="thing-chart",
        version="1.2.3",
        namespace="ns",
        release="thing",
        needs=needs or (Need("Service", "web", "ns"),),
        values=(Path("values.yaml"),),
        manifest=manifest,
    )


def installation(machine: Machine, limit_seconds: float = 20.0) -> Installation:
    """Of a machine."""
    return Installation(machine.programs, machine.kubectl, limit_seconds)


def condition(kind: str) -> dict[str, Any]:
    """An object with this condition."""
    return {"status": {"conditions": [{"type": kind, "status": "True"}]}}


@pytest.fixture
def serving(machine: Machine) -> Machine:
    """A machine on whose cluster the Service web serves."""
    machine.when("get services web", SERVICE)
    machine.when("get endpointslices", READY_SLICE)
    return machine


class TestAddonThatIsThere:
    def test_is_left_alone(self, serving: Machine) -> None:
        installation(serving).run([addon()])
        assert serving.calls("^helm") == []
        assert serving.calls("apply") == []

    def test_is_waited_for_where_it_does_not_work(self, machine: Machine) -> None:
        machine.when("get services web", SERVICE)
        machine.when("get endpointslices|get pods", {"items": []})
        with pytest.raises(ClusterProblem, match=r"thing is not ready after \d+ s: Service ns/web"):
            installation(machine, limit_seconds=0).run([addon()])

    def test_is_waited_for_while_the_api_server_is_too_busy(self, machine: Machine) -> None:
        machine.when("get services web", SERVICE)
        machine.when("get endpointslices|get pods", code=1, complains="TLS handshake timeout")
        with pytest.raises(
            ClusterProblem, match=r"not ready .*an answer \(.*TLS handshake timeout"
        ):
            installation(machine, limit_seconds=0).run([addon()])

    def test_gets_what_our_manifest_adds(self, serving: Machine, tmp_path: Path) -> None:
        manifest = tmp_path / "class.yaml"
        manifest.write_text(GATEWAY_CLASS)
        serving.when("get gatewayclasses", condition("Accepted"), after="apply")
        installation(serving).run([addon(manifest=manifest)])
        assert serving.given("apply") == [GATEWAY_CLASS]
        assert serving.calls("^helm") == []

    def test_keeps_an_object_of_our_manifest(self, serving: Machine, tmp_path: Path) -> None:
        manifest = tmp_path / "class.yaml"
        manifest.write_text(GATEWAY_CLASS)
        serving.when("get gatewayclasses", condition("Accepted"))
        installation(serving).run([addon(manifest=manifest)])
        assert serving.calls("apply") == []

    def test_service_of_another_cluster_counts(self, machine: Machine) -> None:
        machine.when("get services web", {**SERVICE, "spec": {"type": "ExternalName"}})
        installation(machine).run([addon()])
        assert machine.calls("endpointslices") == []


class TestAddonThatIsMissing:
    def test_failing_chart_is_quoted(self, machine: Machine) -> None:
        machine.when("helm upgrade", code=1, complains="Error: chart not found in repository")
        with pytest.raises(ClusterProblem, match="chart not found in repository"):
            installation(machine).run([addon()])

    def test_that_never_works_is_named_with_its_pods(self, machine: Machine) -> None:
        waiting = {"reason": "ImagePullBackOff", "message": "no such image"}
        pulling = {
            "metadata": {"name": "web-1"},
            "status": {
                "phase": "Pending",
                "containerStatuses": [{"state": {"waiting": waiting}}],
            },
        }
        unschedulable = {"reason": "Unschedulable", "message": "0/1 nodes: Insufficient cpu"}
        homeless = {
            "metadata": {"name": "web-2"},
            "status": {
                "phase": "Pending",
                "conditions": [unschedulable | {"type": "x", "status": ""}],
            },
        }
        done = {"metadata": {"name": "job-1"}, "status": {"phase": "Succeeded"}}
        machine.when("get pods", {"items": [pulling, homeless, done]})
        with pytest.raises(ClusterProblem) as late:
            installation(machine, limit_seconds=0).run([addon()])
        first, *rest = str(late.value).splitlines()
        assert re.fullmatch(r"thing is not ready after \d+ s: Service ns/web\.", first)
        assert rest == [
            "  pod ns/web-1: ImagePullBackOff no such image",
            "  pod ns/web-2: Unschedulable 0/1 nodes: Insufficient cpu",
            "When that is mended: make cluster",
        ]

    def test_cluster_that_falls_silent_is_not_taken_for_an_empty_one(
        self, machine: Machine
    ) -> None:
        machine.when("kubectl", code=1, complains="connection refused")
        with pytest.raises(ClusterProblem, match="connection refused"):
            installation(machine).run([addon()])
        assert machine.calls("^helm") == []

    def test_is_installed_in_its_version_and_waited_for(self, machine: Machine) -> None:
        machine.when("get services web", SERVICE, after="helm upgrade")
        machine.when("get endpointslices", READY_SLICE)
        installation(machine).run([addon()])
        assert machine.calls("^helm") == [
            "helm upgrade --install thing thing-chart --repo https://charts.example.com "
            f"--version 1.2.3 --values values.yaml --kube-context {CONTEXT} "
            "--namespace ns --create-namespace --timeout 300s"
        ]

    def test_kind_that_the_cluster_does_not_know_is_missing(self, machine: Machine) -> None:
        unknown = 'error: the server doesn\'t have a resource type "gatewayclasses"'
        machine.when("get gatewayclasses", code=1, complains=unknown)
        machine.when("get gatewayclasses", condition("Accepted"), after="helm upgrade")
        installation(machine).run([addon(Need("GatewayClass", "eg"))])
        assert len(machine.calls("helm upgrade")) == 1


class TestAddonWithAnApiOfItsOwn:
    def test_is_registered_when_its_servers_are_ready(self, serving: Machine) -> None:
        serving.when("version", {"serverVersion": {"gitVersion": "v1.34.4"}})
        serving.when("helm template", yaml.safe_dump_all(RENDERED))
        serving.when("get apiservices", condition("Available"), after="helm upgrade")
        installation(serving).run([addon(API)])

        steps = [
            word
            for call in serving.calls()
            for word in ("apply", "get endpointslices", "helm upgrade")
            if word in call
        ]
        assert steps == ["apply", "apply", "get endpointslices", "helm upgrade"]
        assert "--kube-version v1.34.4" in serving.calls("helm template")[0]

    def test_is_begun_without_the_registration_and_marked_for_helm(self, serving: Machine) -> None:
        serving.when("version", {"serverVersion": {"gitVersion": "v1.34.4"}})
        serving.when("helm template", yaml.safe_dump_all(RENDERED))
        serving.when("get apiservices", condition("Available"), after="helm upgrade")
        installation(serving).run([addon(API)])

        namespace, servers = serving.given("apply")
        assert yaml.safe_load(namespace)["metadata"] == {"name": "ns"}
        (service,) = yaml.safe_load_all(servers)
        assert service["kind"] == "Service"
        assert service["metadata"]["labels"] == {"a": "b", "app.kubernetes.io/managed-by": "Helm"}
        assert service["metadata"]["annotations"] == {
            "meta.helm.sh/release-name": "thing",
            "meta.helm.sh/release-namespace": "ns",
        }
