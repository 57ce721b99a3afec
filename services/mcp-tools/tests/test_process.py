"""`python -m mcp_tools` as it is deployed: settings, logs, metrics, the end."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from devstack.gateway_keys import GatewayKeys
from devstack.ports import free_port

from .caller import Caller, key
from .conftest import Databases, NewCaller, wait_until_ready
from .issuer import ISSUER

START_LIMIT_SECONDS = 60.0  # two cores that run other tests too
END_LIMIT_SECONDS = 20.0


def environment(databases: Databases, jwks_url: str, keys: GatewayKeys) -> dict[str, str]:
    return {
        "DATABASE_URL": databases.service_url,
        "AUTH_JWKS_URL": jwks_url,
        "AUTH_ISSUER": ISSUER,
        "GATEWAY_PROOF_PUBLIC_KEYS": keys.public,
        "PORT": str(free_port()),
        "METRICS_PORT": str(free_port()),
        "LOG_LEVEL": "DEBUG",
    }


@dataclass(frozen=True)
class Process:
    """A running service and where its output goes."""

    popen: subprocess.Popen[bytes]
    env: dict[str, str]
    output: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.env['PORT']}"

    def lines(self) -> list[dict[str, Any]]:
        """Everything it printed; each line is one JSON object."""
        return [json.loads(line) for line in self.output.read_text().splitlines()]


@pytest.fixture
def process(
    databases: Databases, jwks_url: str, gateway_keys: GatewayKeys, tmp_path: Path
) -> Iterator[Process]:
    env = environment(databases, jwks_url, gateway_keys)
    output = tmp_path / "output"
    with output.open("wb") as file:
        popen = subprocess.Popen(
            [sys.executable, "-m", "mcp_tools"], env=env, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        wait_until_listening(popen, env["PORT"])
        wait_until_ready(f"http://127.0.0.1:{env['PORT']}")
        yield Process(popen, env, output)
    finally:
        popen.kill()
        popen.wait()


def wait_until_listening(popen: subprocess.Popen[bytes], port: str) -> None:
    """Wait until `/healthz` answers."""
    limit = time.monotonic() + START_LIMIT_SECONDS
    while True:
        assert popen.poll() is None, f"it ended with {popen.returncode}"
        try:
            httpx2.get(f"http://127.0.0.1:{port}/healthz")
        except httpx2.TransportError:
            assert time.monotonic() < limit, "it does not listen after 60 s"
            time.sleep(0.05)
        else:
            return


async def use(caller: Caller) -> None:
    """Calls with contents that must not be seen anywhere."""
    meta = key()
    await caller.call("add_task", meta=meta, title="SECRET milk", description="SECRET words")
    await caller.call("add_task", meta=meta, title="SECRET milk", description="SECRET words")
    await caller.call("add_task", title=["SECRET"], SECRET_member="SECRET")
    await caller.call("SECRET_tool")
    await caller.call("list_tasks")


async def test_logs_are_json_lines_without_contents_or_tokens_at_the_loudest_level(
    process: Process, new_caller: NewCaller
) -> None:
    caller = new_caller(url=process.url)
    await use(caller)
    await caller.with_headers(authorization="Bearer SECRET").post("tools/list", {})

    lines = process.lines()

    assert "SECRET" not in process.output.read_text()
    assert caller.token not in process.output.read_text()
    calls = [line for line in lines if line["message"] == "tool call"]
    assert [(line["tool"], line["outcome"], line["replayed"]) for line in calls] == [
        ("add_task", "ok", False),
        ("add_task", "ok", True),
        ("add_task", "invalid_arguments", False),
        ("unknown", "invalid_arguments", False),
        ("list_tasks", "ok", False),
    ]
    assert {line["user_id"] for line in calls} == {str(caller.user_id)}
    assert calls[0]["turn_id"] == calls[1]["turn_id"]
    assert all(line["service"] == "mcp-tools" for line in lines)


async def test_metrics_are_on_a_port_of_their_own_and_name_no_content(
    process: Process, new_caller: NewCaller, http: httpx2.AsyncClient
) -> None:
    await use(new_caller(url=process.url))

    metrics = (await http.get(f"http://127.0.0.1:{process.env['METRICS_PORT']}/metrics")).text

    assert (
        'taskchat_mcp_tool_call_duration_seconds_count{outcome="ok",tool="add_task"} 1.0' in metrics
    )
    assert 'taskchat_mcp_tool_call_replays_total{outcome="ok",tool="add_task"} 1.0' in metrics
    assert "SECRET" not in metrics
    assert (await http.get(f"{process.url}/metrics")).status_code == 404


async def test_sigterm_ends_it_with_0(process: Process) -> None:
    process.popen.send_signal(signal.SIGTERM)

    assert process.popen.wait(END_LIMIT_SECONDS) == 0
    assert not [line for line in process.lines() if line["level"] in ("WARNING", "ERROR")]


def test_missing_setting_ends_the_start_with_2_and_one_line(
    databases: Databases, jwks_url: str, gateway_keys: GatewayKeys
) -> None:
    env = environment(databases, jwks_url, gateway_keys)
    del env["DATABASE_URL"]

    ended = subprocess.run(
        [sys.executable, "-m", "mcp_tools"],
        env=env,
        capture_output=True,
        text=True,
        timeout=START_LIMIT_SECONDS,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith("DATABASE_URL is missing.")
    assert ended.stderr.count("\n") == 1
