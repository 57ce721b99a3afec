"""What the README tells people to paste works as pasted."""

import json
import re
import shutil
import subprocess

import pytest
from devstack.stack import Stack
from devstack.summary import curl_text

from tests.equipment.documents import ROOT

README = (ROOT / "README.md").read_text()
GATEWAY, AUTH, PAGE = (f"http://localhost:{port}" for port in (8000, 8001, 3000))


def block(name: str) -> str:
    """The fenced block after the comment `<!-- test: name -->`.

    Raises: AssertionError: there is none.
    """
    found = re.search(rf"<!-- test: {name} -->\n```\w*\n(.*?)\n```", README, re.DOTALL)
    assert found, f"README.md has no block marked {name}"
    return found[1]


def test_curl_is_the_one_that_make_run_prints() -> None:
    assert block("curl") == curl_text(GATEWAY, AUTH, PAGE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_adds_a_task(stack: Stack) -> None:
    pasted = block("curl").replace(GATEWAY, stack.urls.gateway).replace(AUTH, stack.urls.auth)

    printed = subprocess.run(
        ["bash", "-c", pasted], capture_output=True, text=True, timeout=60, check=True
    ).stdout

    (call,) = json.loads(printed)["tool_calls"]
    assert (call["name"], call["status"]) == ("add_task", "ok")
    assert call["output"]["task"]["title"] == "buy groceries"


@pytest.mark.parametrize("target", ["run", "chat", "test", "lint", "eval", "bench", "help"])
def test_targets_that_the_readme_names_exist(target: str) -> None:
    assert f"make {target}" in README
    assert re.search(rf"^{target}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
