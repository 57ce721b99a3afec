"""What a page tells its reader to paste works as pasted.

A block after `<!-- test: name -->` is tested. `sh` blocks are run by bash against the stack, in
their order on the page; a `json` block of the same name shows what comes out, and must have the
members that really come out. The one thing that is changed are the ports that `make run` uses.
"""

import asyncio
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from devstack.mailbox.mailbox import url_of
from devstack.stack import Stack

from tests.equipment.documents import MarkedBlock, marked_blocks

SHELLS = {"sh", "bash"}
BLOCKS = list(marked_blocks())
NAMES = sorted({(block.document, block.name) for block in BLOCKS if block.language in SHELLS})
LIMIT_SECONDS = 60


def on_this_stack(text: str, stack: Stack) -> str:
    """A text with the published ports replaced by those of the stack."""
    urls = {
        8000: stack.urls.gateway,
        8001: stack.urls.auth,
        8002: stack.urls.tools,
        8025: url_of(stack.mailbox) or "",
    }
    for port, url in urls.items():
        text = re.sub(rf"\b(localhost|127\.0\.0\.1):{port}\b", url.removeprefix("http://"), text)
    return text


def members(value: Any) -> Any:
    """The members of a JSON value, without what stands in them."""
    if isinstance(value, dict):
        return {name: members(child) for name, child in value.items()}
    if isinstance(value, list):
        return [members(child) for child in value]
    return None


def blocks_of(document: str, name: str, languages: set[str]) -> list[MarkedBlock]:
    """The blocks of one test, in order."""
    return [
        block
        for block in BLOCKS
        if (block.document, block.name) == (document, name) and block.language in languages
    ]


def test_readme_has_a_curl_that_is_run() -> None:
    assert ("README.md", "curl") in NAMES


def test_marked_blocks_are_in_a_language_that_is_tested() -> None:
    assert {block.language for block in BLOCKS} <= SHELLS | {"json"}


@pytest.mark.parametrize(("document", "name"), NAMES)
async def test_block_works_as_pasted(
    stack: Stack, document: str, name: str, tmp_path: Path
) -> None:
    script = "\n".join(block.text for block in blocks_of(document, name, SHELLS))
    if "curl" in script and shutil.which("curl") is None:
        pytest.skip("curl is not installed on this machine")

    run = await asyncio.create_subprocess_exec(
        "bash",
        *("-euo", "pipefail", "-c", on_this_stack(script, stack)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=tmp_path,
    )
    output, errors = await asyncio.wait_for(run.communicate(), LIMIT_SECONDS)

    assert run.returncode == 0, errors.decode()
    printed = json.loads(output)
    assert "code" not in printed, f"a problem came out: {printed}"
    for shown in blocks_of(document, name, {"json"}):
        assert members(json.loads(shown.text)) == members(printed)
