"""A page that names a file which is not there sends its reader away."""

import os
import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

from tests.equipment.documents import ROOT, documents, section

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)#\s]+)[^)]*\)")
_NAMED_FILE = re.compile(r"`(?P<path>[\w.*-]+(?:/[\w.*-]+)+/?)`")
_NOT_OURS = {"node_modules", "dist", "reports"}


@cache
def files() -> tuple[str, ...]:
    """Every file and folder of the checkout, relative to its root; folders end in a slash."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name[0] != "." and name not in _NOT_OURS]
        base = Path(folder).relative_to(ROOT)
        found += [str(base / name) for name in names] + [f"{base / name}/" for name in folders]
    return tuple(found)


@pytest.mark.parametrize("page", documents(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    targets = [match["target"] for match in _LINK.finditer(page.read_text())]
    missing = [
        target
        for target in targets
        if "://" not in target and not (page.parent / target).resolve().exists()
    ]
    assert missing == []


def decisions_in_force() -> list[Path]:
    """The pages of decisions that no later one has superseded."""
    pages = sorted(ROOT.glob("docs/adr/0*.md"))
    return [page for page in pages if "\nSuperseded by " not in page.read_text()]


@pytest.mark.parametrize("page", decisions_in_force(), ids=lambda page: str(page.stem))
def test_what_enforces_a_decision_exists(page: Path) -> None:
    named = [match["path"] for match in _NAMED_FILE.finditer(section(page, "Enforced by"))]
    assert named, "a decision names what enforces it"
    missing = [
        path for path in named if not any(fnmatch(f"/{file}", f"*/{path}*") for file in files())
    ]
    assert missing == []
