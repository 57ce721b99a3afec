"""What reaches the process is counted, before anybody refuses it; probes are not."""

import httpx2
import pytest
from chat_gateway.api.middleware.origin import OriginMiddleware
from chat_gateway.api.middleware.request_count import RequestCountMiddleware
from chat_gateway.telemetry.request_metrics import RequestMetrics
from prometheus_client import CollectorRegistry
from starlette.responses import PlainTextResponse

ORIGIN = "http://localhost:3000"


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def client(registry: CollectorRegistry) -> httpx2.AsyncClient:
    metrics = RequestMetrics(registry)
    refusing = OriginMiddleware(PlainTextResponse("served"), [ORIGIN], metrics.origin_refused)
    counted = RequestCountMiddleware(refusing, metrics.received)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(counted), base_url="http://test")


@pytest.mark.parametrize(
    ("path", "origin", "status", "counted"),
    [
        ("/api/x/chat", "https://evil.example", 403, 1),
        ("/nowhere", "https://evil.example", 403, 1),
        ("/api/x/chat", ORIGIN, 200, 1),
        ("/healthz", "https://evil.example", 200, 0),
        ("/readyz", "https://evil.example", 200, 0),
    ],
)
async def test_request_is_counted_unless_it_is_a_probe(
    client: httpx2.AsyncClient,
    registry: CollectorRegistry,
    path: str,
    origin: str,
    status: int,
    counted: int,
) -> None:
    async with client:
        assert (await client.get(path, headers={"Origin": origin})).status_code == status
    assert registry.get_sample_value("taskchat_http_requests_total") == counted
    refused = registry.get_sample_value("taskchat_origin_refusals_total")
    assert refused == (1 if status == 403 else 0)
