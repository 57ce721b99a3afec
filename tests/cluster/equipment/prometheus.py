"""Prometheus, asked over its HTTP API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from tests.cluster.equipment.kubectl import Kubectl
from tests.cluster.equipment.port_forward import port_forward

PORT = 9090


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an instant query."""

    labels: dict[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Prometheus:
    """The cluster's Prometheus."""

    url: str
    client: httpx2.AsyncClient

    async def query(self, expression: str) -> list[Sample]:
        """What an instant query finds now. Raises: AssertionError: Prometheus refused it."""
        answer = await self.client.get(f"{self.url}/api/v1/query", params={"query": expression})
        assert answer.status_code == httpx2.codes.OK, (expression, answer.text)
        return [
            Sample(one["metric"], float(one["value"][1])) for one in answer.json()["data"]["result"]
        ]

    async def value(self, expression: str) -> float | None:
        """The value of a query of one series; None while there is none."""
        found = await self.query(expression)
        assert len(found) <= 1, (expression, found)
        return found[0].value if found else None


@asynccontextmanager
async def open_prometheus(kubectl: Kubectl, service: tuple[str, str]) -> AsyncIterator[Prometheus]:
    """Reach Prometheus while the block runs. Args: service: its namespace and name."""
    namespace, name = service
    there = kubectl.elsewhere(namespace)
    async with (
        port_forward(there, f"service/{name}", PORT) as port,
        httpx2.AsyncClient(trust_env=False) as client,
    ):
        yield Prometheus(f"http://127.0.0.1:{port}", client)
