"""The process with other settings than the usual ones, and several of them."""

import time
from pathlib import Path

import httpx2

from .api.bodies import PATH, body, next_request
from .running import KEY, running_simulator

HEADERS = {"Authorization": f"Bearer {KEY}"}
LISTED = '{"tasks": [], "next_cursor": null}'


def test_processes_with_one_seed_accept_each_others_signatures(tmp_path: Path) -> None:
    with (
        running_simulator(tmp_path / "a", SIMULATOR_SEED="7") as first,
        running_simulator(tmp_path / "b", SIMULATOR_SEED="7") as second,
        running_simulator(tmp_path / "c", SIMULATOR_SEED="8") as stranger,
    ):
        request = body("show my tasks")
        answer = httpx2.post(f"{first}{PATH}", json=request, headers=HEADERS).json()
        following = next_request(request, answer, LISTED)
        accepted = httpx2.post(f"{second}{PATH}", json=following, headers=HEADERS)
        refused = httpx2.post(f"{stranger}{PATH}", json=following, headers=HEADERS)
    assert accepted.status_code == 200
    assert refused.status_code == 400


def test_latency_holds_answers_back(tmp_path: Path) -> None:
    settings = {
        "SIMULATOR_LATENCY": "lognormal",
        "SIMULATOR_TTFT_MEDIAN_MS": "300",
        "SIMULATOR_TTFT_SIGMA": "0",
        "SIMULATOR_TOKEN_MS": "0",
    }
    with running_simulator(tmp_path, **settings) as url, httpx2.Client() as client:
        client.get(f"{url}/healthz")
        for stream in (False, True):
            began = time.perf_counter()
            client.post(f"{url}{PATH}", json=body("hello", stream=stream), headers=HEADERS)
            assert 0.3 <= time.perf_counter() - began < 2


def test_nobody_needs_signatures_when_told_so(tmp_path: Path) -> None:
    statuses = []
    for rule in ("never", "gemini-3"):  # which all models are now
        with running_simulator(tmp_path / rule, SIMULATOR_THOUGHT_SIGNATURES=rule) as url:
            request = body("show my tasks")
            answer = httpx2.post(f"{url}{PATH}", json=request, headers=HEADERS).json()
            following = next_request(request, answer, LISTED)
            del following["messages"][1]["tool_calls"][0]["extra_content"]
            refusal = httpx2.post(f"{url}{PATH}", json=following, headers=HEADERS)
            statuses.append(refusal.status_code)
    assert statuses == [200, 400]


def test_nulls_are_refused_when_told_so(tmp_path: Path) -> None:
    said = {"role": "assistant", "content": "Hello.", "refusal": None}
    request = body("hello")
    request["messages"] += [said, *request["messages"]]
    with running_simulator(tmp_path, SIMULATOR_REFUSE_NULLS="true") as url:
        refused = httpx2.post(f"{url}{PATH}", json=request, headers=HEADERS)
        [entry] = refused.json()
        del said["refusal"]
        accepted = httpx2.post(f"{url}{PATH}", json=request, headers=HEADERS)
    assert (refused.status_code, accepted.status_code) == (400, 200)
    assert entry["error"]["message"] == "Value is not a string: null"
    [violation] = entry["error"]["details"][0]["fieldViolations"]
    assert violation["field"] == "messages[1].refusal"
