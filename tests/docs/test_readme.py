"""The README names what is there, and shows what `make run` prints."""

import re

import pytest
from devstack.summary import curl_text

from tests.equipment.documents import ROOT, marked_blocks

README = (ROOT / "README.md").read_text()
GATEWAY, AUTH, PAGE, MAILBOX = (f"http://localhost:{port}" for port in (8000, 8001, 3000, 8025))


def test_curl_is_the_one_that_make_run_prints() -> None:
    (pasted,) = (
        block.text
        for block in marked_blocks()
        if (block.document, block.name, block.language) == ("README.md", "curl", "sh")
    )

    assert pasted.rstrip() == curl_text(GATEWAY, AUTH, PAGE, MAILBOX)


@pytest.mark.parametrize("target", ["run", "chat", "test", "lint", "eval", "bench", "help"])
def test_targets_that_the_readme_names_exist(target: str) -> None:
    assert f"make {target}" in README
    assert re.search(rf"^{target}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
