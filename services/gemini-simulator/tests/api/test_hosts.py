"""Which names the simulator is called by: DNS rebinding reads no prompt and lets nothing go."""

from pathlib import Path

import httpx2
import pytest

from ..running import running_simulator

FOREIGN = {
    "another": "evil.example",
    "another with our port": "evil.example:8003",
    "one that begins as ours": "localhost.evil.example",
    "one that ends as ours": "evil.localhost.",
    "ours with more behind it": "localhost:1, evil.example",
    "ours as a user": "localhost@evil.example",
    "none": "",
}


@pytest.mark.parametrize("host", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/requests"),
        ("POST", "/admin/release"),
        ("DELETE", "/admin/faults"),
        ("POST", "/v1beta/openai/chat/completions"),
    ],
)
async def test_other_names_are_refused(
    http: httpx2.AsyncClient, host: str, method: str, path: str
) -> None:
    response = await http.request(method, path, headers={"host": host})

    assert (response.status_code, response.json()["code"]) == (421, "misdirected_request")
    assert "SIMULATOR_ALLOWED_HOSTS" in response.json()["detail"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8003", "127.0.0.1", "gemini-simulator"])
async def test_our_names_are_taken(http: httpx2.AsyncClient, host: str) -> None:
    response = await http.get("/admin/requests", headers={"host": host})

    assert response.status_code == 200


async def test_a_probe_comes_by_the_pods_address(http: httpx2.AsyncClient) -> None:
    for path in ("/healthz", "/readyz"):
        assert (await http.get(path, headers={"host": "10.0.0.7:8003"})).status_code == 200


def test_names_can_be_set(tmp_path: Path) -> None:
    with running_simulator(tmp_path, SIMULATOR_ALLOWED_HOSTS="127.0.0.1, model.internal") as url:
        ours = httpx2.get(f"{url}/admin/requests", headers={"host": "model.internal"})
        default = httpx2.get(f"{url}/admin/requests", headers={"host": "localhost"})

    assert (ours.status_code, default.status_code) == (200, 421)
