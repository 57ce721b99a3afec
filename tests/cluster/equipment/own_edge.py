"""A second edge beside the tested release: the chart's own manifests, in a namespace of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from json import dumps
from typing import Any

from tests.cluster.equipment.commands import run
from tests.cluster.equipment.kubectl import Kubectl
from tests.cluster.equipment.port_forward import port_forward
from tests.cluster.equipment.release import Release
from tests.equipment.waiting import wait_until

ENVOYS = "envoy-gateway-system"
"""Where Envoy Gateway runs its Envoys."""
PROGRAMMED_WITHIN_SECONDS = 150.0
LOOK_SECONDS = 1.0
PARTS = (
    "chat-httproute",
    "clienttrafficpolicy",
    "envoyproxy",
    "gateway",
    "redirect-httproute",
    "refusals",
    "unknown-host-httproute",
    "unknown-path-httproute",
)
"""What needs no service behind it."""


@dataclass(frozen=True, slots=True)
class OwnEdge:
    """Attributes: http_port, https_port: on this machine, forwarded to an Envoy of its own."""

    http_port: int
    https_port: int


async def _manifests(release: Release, namespace: str, values: dict[str, Any]) -> str:
    parts = [f"--show-only=templates/edge/{part}.yaml" for part in PARTS]
    return await run(
        *("helm", "template", release.name, str(release.helm.chart), f"--namespace={namespace}"),
        *("--kube-version=1.34.0", "--values=-", *parts),
        stdin=dumps(values),
    )


@asynccontextmanager
async def own_edge(
    release: Release, namespace: str, values: dict[str, Any], secret: dict[str, Any]
) -> AsyncIterator[OwnEdge]:
    """Run an edge while the block runs. Args: secret: what its TLS needs.

    Raises: AssertionError: Envoy Gateway did not program it in time.
    """
    kubectl = release.kubectl.elsewhere(namespace)
    await kubectl.make_namespace()
    try:
        await kubectl.apply(secret)
        await kubectl("apply", "--filename=-", stdin=await _manifests(release, namespace, values))
        await _wait_until_programmed(kubectl, release.resource("edge"))
        envoys = release.kubectl.elsewhere(ENVOYS)
        owner = "gateway.envoyproxy.io/owning-gateway-namespace"
        (service,) = await envoys.list("services", f"{owner}={namespace}")
        target = f"service/{service['metadata']['name']}"
        async with (
            port_forward(envoys, target, 80) as http_port,
            port_forward(envoys, target, 443) as https_port,
        ):
            yield OwnEdge(http_port, https_port)
    finally:
        await kubectl.delete_namespace()


async def _wait_until_programmed(kubectl: Kubectl, gateway: str) -> None:
    async def programmed() -> bool:
        found = await kubectl.get("gateways.gateway.networking.k8s.io", gateway)
        conditions = found.get("status", {}).get("conditions", [])
        last[:] = [f"{one['type']}={one['status']}: {one.get('message')}" for one in conditions]
        return any(one["type"] == "Programmed" and one["status"] == "True" for one in conditions)

    last: list[str] = []
    try:
        await wait_until(
            f"Gateway {gateway} is programmed",
            programmed,
            PROGRAMMED_WITHIN_SECONDS,
            every_seconds=LOOK_SECONDS,
        )
    except AssertionError as error:
        raise AssertionError(f"{error}; {'; '.join(last)}") from error
