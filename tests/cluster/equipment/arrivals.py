"""chat-gateway's pods from within: what has arrived there, and a way in that is not the edge's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx2

from tests.cluster.equipment.pod_metrics import METRICS_PORT, total
from tests.cluster.equipment.port_forward import port_forward
from tests.cluster.equipment.release import Release
from tests.equipment.raw_http import RawResponse

GATEWAY_PORT = 8000
ANSWER_SECONDS = 30.0
"""For /metrics of a pod that shares a busy node."""
REQUESTS = "taskchat_http_requests_total"
"""Requests that reached a pod, refused ones too; probes do not count."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """All pods of chat-gateway that serve. Attributes: pod_url: the first one, past the edge."""

    pod_url: str
    _metrics_urls: tuple[str, ...]
    _client: httpx2.AsyncClient

    async def count(self) -> float:
        """How many requests have arrived at all of them."""
        answers = await asyncio.gather(*(self._client.get(url) for url in self._metrics_urls))
        texts = [answer.raise_for_status().text for answer in answers]
        assert all(REQUESTS in text for text in texts), f"a pod does not count {REQUESTS}"
        return sum(total(text, REQUESTS) for text in texts)

    async def unmoved_by(self, request: Awaitable[RawResponse]) -> RawResponse:
        """What a request is answered that the edge refuses.

        Raises: AssertionError: it has arrived.
        """
        before = await self.count()
        response = await request
        assert await self.count() == before, response
        return response


@asynccontextmanager
async def watched_arrivals(release: Release) -> AsyncIterator[Arrivals]:
    """Count arrivals while the block runs.

    Raises: AssertionError: at the end, when the pods are not the same any more: then nobody knows
        what has arrived.
    """
    pods = await release.serving_pods("chat-gateway")
    assert pods, "no pod of chat-gateway serves"
    async with AsyncExitStack() as opened:

        async def forwarded(pod: str, port: int) -> str:
            way = port_forward(release.kubectl, f"pod/{pod}", port)
            return f"http://127.0.0.1:{await opened.enter_async_context(way)}"

        urls = [await forwarded(pod.name, METRICS_PORT) for pod in pods]
        client = await opened.enter_async_context(
            httpx2.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS)
        )
        yield Arrivals(
            pod_url=await forwarded(pods[0].name, GATEWAY_PORT),
            _metrics_urls=tuple(f"{url}/metrics" for url in urls),
            _client=client,
        )
    after = await release.serving_pods("chat-gateway")
    assert {pod.uid for pod in after} == {pod.uid for pod in pods}, "pods came or went"
