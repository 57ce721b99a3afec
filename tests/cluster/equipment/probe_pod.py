"""A pod that belongs to nobody, and what it can reach: one connection to each address, at once."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from tests.cluster.equipment.kubectl import Kubectl, Manifest

Address = tuple[str, int]
Outcome = Literal["open", "closed"]

LABEL = "taskchat.test/probe"
CONNECT_SECONDS = 2.0
READY_SECONDS = 60
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}
CONNECT = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor

def connect(address):
    host, port = address.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), float(sys.argv[1])).close()
        return "open"
    except OSError:
        return "closed"

addresses = sys.argv[2:]
with ThreadPoolExecutor(len(addresses)) as pool:
    print(json.dumps(dict(zip(addresses, pool.map(connect, addresses)))))
"""
LISTEN = """
import socket, sys
with socket.create_server(("", int(sys.argv[1]))) as server:
    while True:
        server.accept()[0].close()
"""


@dataclass(frozen=True, slots=True)
class ProbePod:
    """A running pod with a Python in it; it serves nobody, whatever its labels are."""

    kubectl: Kubectl
    name: str

    async def reach(self, addresses: Mapping[str, Address]) -> dict[str, Outcome]:
        """Whether a connection to each named address comes about within 2 s."""
        spelled = {name: f"{host}:{port}" for name, (host, port) in addresses.items()}
        argv = ["python", "-c", CONNECT, str(CONNECT_SECONDS), *spelled.values()]
        found = json.loads(await self.kubectl.exec(self.name, argv))
        return {name: found[address] for name, address in spelled.items()}

    async def set_labels(self, labels: Mapping[str, str]) -> None:
        """Put on labels, of another pod for instance."""
        worn = [f"{key}={value}" for key, value in labels.items()]
        await self.kubectl("label", "pod", self.name, "--overwrite", *worn)

    async def remove_labels(self, labels: Mapping[str, str]) -> None:
        """Take those labels off again."""
        await self.kubectl("label", "pod", self.name, *(f"{key}-" for key in labels))

    async def address(self, port: int) -> Address:
        """Where it would listen."""
        return (await self.kubectl.get("pod", self.name))["status"]["podIP"], port


@asynccontextmanager
async def running_probe_pod(
    kubectl: Kubectl, name: str, image: str, *, listens_on: int | None = None
) -> AsyncIterator[ProbePod]:
    """Run a probe pod in a namespace while the block runs.

    Args: image: one with a Python that the node has already. listens_on: a port on which it takes
        connections.
    """
    await kubectl.delete("pod", name)
    await kubectl.apply(_manifest(name, image, listens_on))
    try:
        running = "--for=jsonpath={.status.phase}=Running"
        flags = (running, f"--timeout={READY_SECONDS}s")
        await kubectl("wait", f"pod/{name}", *flags, limit_seconds=READY_SECONDS + 10)
        yield ProbePod(kubectl, name)
    finally:
        await kubectl.delete("pod", name)


def _manifest(name: str, image: str, listens_on: int | None) -> Manifest:
    program = (
        ["-c", LISTEN, str(listens_on)] if listens_on else ["-c", "import time; time.sleep(1800)"]
    )
    container = {
        "name": "probe",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", *program],
        "securityContext": RESTRICTED,
        "resources": {"requests": {"cpu": "1m", "memory": "32Mi"}},
        # Never ready: a Service whose labels it puts on must not send it requests.
        "readinessProbe": {"exec": {"command": ["python", "-c", "raise SystemExit(1)"]}},
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {LABEL: "true"}},
        "spec": {
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "restartPolicy": "Never",
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
        },
    }
