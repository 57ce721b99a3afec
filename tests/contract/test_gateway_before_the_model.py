"""GEMINI_BASE_URL may lead to a gateway in between; LiteLLM's proxy stands for all of them here.

Run against LiteLLM 1.108.7. It is no dependency of ours: where `litellm` is not on the PATH, this
is left out (`uv tool install 'litellm[proxy]'`).
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from devstack.deployment import system_environment
from devstack.guardian import Guardian
from devstack.ports import free_port
from devstack.processes import ManagedProcess
from devstack.stack import Stack, base_url

from tests.conftest import NewUser
from tests.equipment.chat import answer, say
from tests.equipment.log_lines import log_lines
from tests.equipment.waiting import wait_until

MODEL = "the-model-of-our-tasks"
KEY = "sk-of-the-proxy"
START_LIMIT_SECONDS = 60.0
CONFIGURATION = """
model_list:
  - model_name: {model}
    litellm_params: {{model: openai/gemini-flash-latest, api_base: "{base}", api_key: simulator}}
general_settings: {{master_key: {key}}}
"""


@pytest.fixture
def proxy(stack: Stack, tmp_path: Path) -> Iterator[str]:
    """Base URL of a proxy in front of the simulator, which knows the model by a name of its own."""
    program = shutil.which("litellm")
    if program is None:
        pytest.skip("litellm is not on the PATH: uv tool install 'litellm[proxy]'")
    base = f"{stack.urls.simulator}/v1beta/openai/"
    (tmp_path / "config.yaml").write_text(CONFIGURATION.format(model=MODEL, base=base, key=KEY))
    port, guardian = free_port(), Guardian()
    process = ManagedProcess(
        "litellm",
        [program, "--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)],
        {**system_environment(), "LITELLM_TELEMETRY": "False"},
        cwd=tmp_path,
        log_path=stack.log_dir / "litellm.log",
        ready_url=f"http://127.0.0.1:{port}/health/liveliness",
        guardian=guardian,
    )
    process.start()
    try:
        process.wait_ready(START_LIMIT_SECONDS)
        yield f"http://127.0.0.1:{port}/v1/"
    finally:
        process.end()
        guardian.dismiss()


@pytest.mark.timeout(120)
async def test_turns_with_tools_work_through_litellm(
    stack: Stack, proxy: str, new_user: NewUser
) -> None:
    gateway = stack.add_process(
        "chat-gateway",
        "chat-gateway-litellm",
        GEMINI_BASE_URL=proxy,
        GEMINI_API_KEY=KEY,
        GEMINI_MODEL=MODEL,
        GEMINI_FALLBACK_MODEL="",
    )
    person = await new_user()

    added = answer(await say(base_url(gateway), person, "add milk and then eggs"))
    listed = answer(
        await say(
            base_url(gateway),
            person,
            "delete the milk",
            conversation_id=added["conversation_id"],
        )
    )

    assert [one["name"] for one in added["tool_calls"]] == ["add_task", "add_task"]
    assert [one["name"] for one in listed["tool_calls"]][-1] == "delete_task"
    assert {one["status"] for one in added["tool_calls"] + listed["tool_calls"]} == {"ok"}

    async def met() -> bool:
        return "the model answers" in [line["message"] for line in log_lines(gateway)]

    await wait_until("the first contact is in the log", met)
    gateway.stop()
