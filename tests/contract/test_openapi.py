"""The gateway answers as its own OpenAPI document says, to requests that nobody thought of.

Schemathesis makes them: valid ones, and ones with one thing wrong in every place that the document
describes. The document is not served (law 1); the application is asked for it.
"""

import asyncio
import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from chat_gateway.app import create_app
from chat_gateway.settings import GatewaySettings
from devstack.stack import Stack
from servicekit.settings import load

from tests.equipment.chat import ORIGIN, User

EXAMPLES = 60
SEED = 1

CONFIGURATION = """
[parameters]
"path.user_id" = "{user_id}"
"header.Origin" = "{origin}"
"header.Time-Zone" = "Europe/Berlin"
"""
"""Values that no generator can guess: whose path it is, who is on the list, which zones exist."""


@pytest.fixture
def document(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the application says of itself."""
    for variable, value in stack.env("chat-gateway").items():
        monkeypatch.setenv(variable, value)
    found: dict[str, Any] = create_app(load(GatewaySettings)).openapi()
    return found


def test_document_describes_one_operation(document: dict[str, Any]) -> None:
    assert {path: list(item) for path, item in document["paths"].items()} == {
        "/api/{user_id}/chat": ["post"]
    }


def without_idempotency_key(document: dict[str, Any]) -> dict[str, Any]:
    """A copy without the one header by which a request depends on an earlier one."""
    found = copy.deepcopy(document)
    operation = found["paths"]["/api/{user_id}/chat"]["post"]
    operation["parameters"] = [
        parameter for parameter in operation["parameters"] if parameter["name"] != "Idempotency-Key"
    ]
    return found


@pytest.mark.timeout(900)  # some hundreds of turns, plain and streamed
async def test_answers_are_as_described(
    stack: Stack, alice: User, document: dict[str, Any], tmp_path: Path
) -> None:
    described = tmp_path / "openapi.json"
    described.write_text(json.dumps(without_idempotency_key(document)))
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION.format(user_id=alice.user_id, origin=ORIGIN))
    schemathesis = Path(sys.executable).with_name("schemathesis")

    run = await asyncio.create_subprocess_exec(
        *(schemathesis, "--config-file", configuration, "run", described),
        *("--url", stack.urls.gateway, "--header", f"Authorization: Bearer {alice.token}"),
        *("--phases", "examples,coverage,fuzzing", "--mode", "all"),
        *("--max-examples", str(EXAMPLES), "--seed", str(SEED), "--generation-deterministic"),
        *("--no-color", "--suppress-health-check", "all"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,
    )
    output, _ = await run.communicate()

    assert run.returncode == 0, output.decode()
