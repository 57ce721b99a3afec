"""Jaeger, asked over its HTTP API for one trace."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from tests.cluster.equipment.kubectl import Kubectl
from tests.cluster.equipment.port_forward import port_forward

PORT = 16686


@dataclass(frozen=True, slots=True)
class JaegerSpan:
    """One span. Attributes: parent_id: empty for a root."""

    service: str
    name: str
    span_id: str
    parent_id: str


@dataclass(frozen=True, slots=True)
class Jaeger:
    """The cluster's Jaeger."""

    url: str
    client: httpx2.AsyncClient

    async def trace_id_of_turn(self, turn_id: str) -> str | None:
        """The trace in which a turn ran; None: nothing of it has arrived yet."""
        asked = {"service": "chat-gateway", "tags": json.dumps({"taskchat.turn.id": turn_id})}
        answer = await self.client.get(f"{self.url}/api/traces", params={**asked, "limit": "1"})
        assert answer.status_code == httpx2.codes.OK, answer.text
        found = answer.json()["data"]
        return str(found[0]["traceID"]) if found else None

    async def trace(self, trace_id: str) -> list[JaegerSpan]:
        """What has arrived of a trace, by the start of its spans; nothing yet: an empty list."""
        answer = await self.client.get(f"{self.url}/api/traces/{trace_id}")
        if answer.status_code == httpx2.codes.NOT_FOUND:
            return []
        assert answer.status_code == httpx2.codes.OK, answer.text
        return [
            JaegerSpan(
                service=trace["processes"][span["processID"]]["serviceName"],
                name=span["operationName"],
                span_id=span["spanID"],
                parent_id=next((one["spanID"] for one in span["references"]), ""),
            )
            for trace in answer.json()["data"]
            for span in sorted(trace["spans"], key=lambda span: int(span["startTime"]))
        ]


@asynccontextmanager
async def open_jaeger(kubectl: Kubectl, service: tuple[str, str]) -> AsyncIterator[Jaeger]:
    """Reach Jaeger while the block runs. Args: service: its namespace and name."""
    namespace, name = service
    there = kubectl.elsewhere(namespace)
    async with (
        port_forward(there, f"service/{name}", PORT) as port,
        httpx2.AsyncClient(trust_env=False) as client,
    ):
        yield Jaeger(f"http://127.0.0.1:{port}", client)
