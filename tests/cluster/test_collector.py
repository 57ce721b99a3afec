"""The development collector in a cluster: it names the pod that sent a span, and Jaeger gets it.

It runs beside the cluster's own, which may be of another making, with the rights, the confinement
and the configuration of otel/collector.
"""

import time
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import uuid4

import httpx2
import pytest
import yaml
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from tests.cluster.equipment.jaeger import open_jaeger
from tests.cluster.equipment.kubectl import Kubectl, Manifest
from tests.cluster.equipment.port_forward import port_forward
from tests.cluster.equipment.release import Release
from tests.cluster.equipment.settings import ClusterSettings
from tests.equipment.waiting import wait_until
from tests.otel.collector import HTTP_PORT, IMAGE, configuration, values

NAME: Final = "taskchat-collector-test"
HEALTH_PORT: Final = 13133
READY_SECONDS: Final = 90
ARRIVES_WITHIN_SECONDS: Final = 30.0
WATCH_SECONDS: Final = 2.0
"""Between two spans: the first may come before the collector knows the pods."""


def manifests(namespace: str) -> list[Manifest]:
    """What the upstream chart makes of our values, as far as a span needs it."""
    wanted = values("development")
    named = {"name": NAME, "namespace": namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAME}
    container: dict[str, Any] = {
        "name": "collector",
        "image": f"docker.io/{IMAGE}",
        "args": ["--config=/etc/collector/config.yaml"],
        "securityContext": wanted["securityContext"],
        "resources": wanted["resources"],
        "readinessProbe": {"httpGet": {"path": "/", "port": HEALTH_PORT}, "periodSeconds": 1},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/collector"}],
    }
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": NAME},
            "rules": wanted["clusterRole"]["rules"],
        },
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": NAME},
            "roleRef": role,
            "subjects": [{"kind": "ServiceAccount", **named}],
        },
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": named,
            "data": {"config.yaml": yaml.safe_dump(configuration("development"))},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": named,
            "spec": {
                "serviceAccountName": NAME,
                "containers": [container],
                "volumes": [{"name": "config", "configMap": {"name": NAME}}],
            },
        },
    ]


@pytest.fixture
async def collector(release: Release, settings: ClusterSettings) -> AsyncIterator[Kubectl]:
    """A collector of ours where Jaeger is; yields the sight of that namespace."""
    namespace, _ = settings.jaeger
    there = release.kubectl.elsewhere(namespace)
    try:
        await there.apply(*manifests(namespace))
        ready = ("wait", "--for=condition=Ready", f"pod/{NAME}", f"--timeout={READY_SECONDS}s")
        await there(*ready, limit_seconds=READY_SECONDS + 10)
        yield there
    finally:
        await there.delete("pod", NAME)
        for kind in ("configmap", "clusterrolebinding", "clusterrole", "serviceaccount"):
            await there.delete(kind, NAME)


def span_from(pod_address: str, trace_id: bytes) -> bytes:
    """A span of a service that only says which address it has."""
    now = time.time_ns()
    span = Span(
        trace_id=trace_id,
        span_id=uuid4().bytes[:8],
        name="turn",
        start_time_unix_nano=now,
        end_time_unix_nano=now + 1_000_000,
    )
    said = {"service.name": NAME, "k8s.pod.ip": pod_address}
    attributes = [KeyValue(key=key, value=AnyValue(string_value=said[key])) for key in said]
    spans = ResourceSpans(
        resource=Resource(attributes=attributes), scope_spans=[ScopeSpans(spans=[span])]
    )
    return ExportTraceServiceRequest(resource_spans=[spans]).SerializeToString()


async def test_span_reaches_jaeger_with_the_pod_that_sent_it(
    release: Release, settings: ClusterSettings, collector: Kubectl
) -> None:
    sender = (await release.serving_pods("chat-gateway"))[0].name
    address = (await release.kubectl.get("pod", sender))["status"]["podIP"]
    expected = {
        "k8s.namespace.name": release.namespace,
        "k8s.deployment.name": release.resource("chat-gateway"),
        "k8s.pod.name": sender,
    }
    async with (
        port_forward(collector, f"pod/{NAME}", HTTP_PORT) as port,
        open_jaeger(release.kubectl, settings.jaeger) as jaeger,
    ):

        async def tags() -> dict[str, str]:
            """What Jaeger says of the sender of a new span."""
            trace_id = uuid4()
            answer = await jaeger.client.post(
                f"http://127.0.0.1:{port}/v1/traces",
                content=span_from(address, trace_id.bytes),
                headers={"Content-Type": "application/x-protobuf"},
            )
            assert answer.status_code == httpx2.codes.OK, answer.text

            async def look() -> dict[str, Any]:
                found = await jaeger.client.get(f"{jaeger.url}/api/traces/{trace_id.hex}")
                return dict(found.json()) if found.status_code == httpx2.codes.OK else {}

            arrived = await wait_until("Jaeger has it", look, ARRIVES_WITHIN_SECONDS)
            (process,) = arrived["data"][0]["processes"].values()
            return {tag["key"]: tag["value"] for tag in process["tags"]}

        async def named() -> bool:
            seen.update(await tags())
            return expected.items() <= seen.items()

        seen: dict[str, str] = {}
        await wait_until(
            f"a span is from {sender}", named, ARRIVES_WITHIN_SECONDS, every_seconds=WATCH_SECONDS
        )
