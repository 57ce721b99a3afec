"""What the documents say, read by machine: tables and marked code blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "docs" / "contract.md"

_MARKED_BLOCK = re.compile(
    r"<!--\s*test:\s*(?P<name>[\w-]+)\s*-->\s*\n+```(?P<language>\w*)\n(?P<text>.*?)^```",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class MarkedBlock:
    """A fenced block after `<!-- test: name -->`."""

    document: str
    name: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One status and code of contract.md "Errors"; `when` is the row's last cell."""

    status: int
    code: str
    when: str


def documents() -> list[Path]:
    """Every page that people read: the READMEs, the changelog and docs/."""
    found = {*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/*/README.md")}
    return sorted(page for page in found if "node_modules" not in page.parts)


def marked_blocks() -> Iterator[MarkedBlock]:
    """The marked blocks of all documents, in order."""
    for page in documents():
        for match in _MARKED_BLOCK.finditer(page.read_text()):
            yield MarkedBlock(
                str(page.relative_to(ROOT)), match["name"], match["language"], match["text"]
            )


def section(page: Path, heading: str) -> str:
    """The text under a `## heading`, up to the next one.

    Raises: LookupError: the page has no such heading.
    """
    for part in re.split(r"^## ", page.read_text(), flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        if title.strip() == heading:
            return text
    raise LookupError(f"{page.name} has no heading “{heading}”")


def rows(text: str) -> list[list[str]]:
    """The cells of every table row in a text, without headings and rules."""
    lines = [line.strip() for line in text.splitlines()]
    tables = [line for line in lines if line.startswith("|") and line.endswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in tables]
    return [
        row
        for row, following in zip(cells, [*cells[1:], [""]], strict=True)
        if not set("".join(row)) <= set("-| ") and not following[0].startswith("---")
    ]


def error_rows() -> list[ErrorRow]:
    """contract.md "Errors", one entry for each code."""
    found = []
    for status_cell, code_cell, when in rows(section(CONTRACT, "Errors")):
        statuses = [int(number) for number in re.findall(r"\d{3}", status_cell)]
        codes = re.findall(r"`(\w+)`", code_cell)
        statuses = statuses * len(codes) if len(statuses) == 1 else statuses
        found += [
            ErrorRow(status, code, when) for status, code in zip(statuses, codes, strict=True)
        ]
    return found
