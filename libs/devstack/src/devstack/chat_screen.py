"""What a person sees of a turn in `make chat`: rows while tools run, then text as it comes.

On a terminal, what is provisional is written over. Into a pipe goes only what stands: nothing that
is written there can be taken back.
"""

import re
from collections.abc import Sequence
from typing import Any, Protocol

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""A text may not move the cursor or colour the terminal, whoever wrote it."""


class Screen(Protocol):
    """Where a turn is shown."""

    def begin(self) -> None:
        """A turn begins; what is above belongs to others."""

    def status(self, text: str) -> None:
        """What goes on, until something else is shown."""

    def rows(self, tasks: Sequence[dict[str, Any]]) -> None:
        """All tool calls of the turn so far, as ChatKit's tasks."""

    def say(self, piece: str) -> None:
        """More of the answer, which may still be taken back."""

    def take_back(self) -> None:
        """What was said so far of the answer does not count."""

    def answer(self, text: str) -> None:
        """The whole answer, for good."""

    def note(self, text: str, style: str = "dim") -> None:
        """A line beside the conversation. What was provisional stays as it is."""


def screen_for(console: Console) -> Screen:
    """The screen that fits: a terminal can be written over, a pipe cannot."""
    rewritable = console.is_terminal and not console.is_dumb_terminal
    return TerminalScreen(console) if rewritable else PlainScreen(console)


class PlainScreen:
    """For pipes and files. Args: console: prints there, without escape codes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._printed = 0

    def begin(self) -> None:
        """None of its rows is printed."""
        self._printed = 0

    def status(self, text: str) -> None:
        """Nothing: it would stay for ever."""

    def rows(self, tasks: Sequence[dict[str, Any]]) -> None:
        """Print those that are over, in their order."""
        for task in tasks[self._printed :]:
            if task["status_indicator"] == "loading":
                break
            self._console.print(row_of(task), soft_wrap=True)
            self._printed += 1

    def say(self, piece: str) -> None:
        """Nothing yet: it may be taken back."""

    def take_back(self) -> None:
        """Nothing was printed."""

    def answer(self, text: str) -> None:
        """Print it."""
        self._console.print(Text(printable(text), style="bold"), soft_wrap=True)

    def note(self, text: str, style: str = "dim") -> None:
        """Print it."""
        self._console.print(Text(printable(text), style=style), soft_wrap=True)


class TerminalScreen:
    """For a terminal that understands cursor movements (ECMA-48: CPL, CUU, ED)."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._block = list[Text]()
        self._has_status = False
        self._said = ""

    def begin(self) -> None:
        """Nothing above is drawn again."""
        self._block, self._said = [], ""

    def status(self, text: str) -> None:
        """Show it where the next thing will be; not below an answer or rows that are shown."""
        if not self._said and not self._block:
            self._draw([Text(f"  {printable(text)}", style="dim")])
            self._has_status = True

    def rows(self, tasks: Sequence[dict[str, Any]]) -> None:
        """Draw all rows again in place of the last ones."""
        lines = [row_of(task) for task in tasks]
        if lines == self._block:
            return
        if self._said:
            # Below the text that stands there: nothing above it can be drawn again.
            self._end_text()
            self._block = []
        self._draw(lines)

    def say(self, piece: str) -> None:
        """Write on where the text ends: below the rows, in place of a status."""
        if not self._said and self._has_status:
            self._draw([])
        piece = printable(piece)
        self._console.print(Text(piece, style="bold"), end="", soft_wrap=True)
        self._said += piece

    def take_back(self) -> None:
        """Erase the text, or say that it does not count where it has scrolled away."""
        said, self._said = self._said, ""
        height = self._height_of(said)
        if not said:
            return
        if height > self._console.height:
            self._console.print()
            self._block = []
            self.note("(what is said above was taken back)")
            return
        up = f"\x1b[{height - 1}A" if height > 1 else ""
        self._write(f"\r{up}\x1b[J")

    def answer(self, text: str) -> None:
        """End the text's line; write it first where something else is shown."""
        text = printable(text)
        if self._said and self._said.rstrip() != text.rstrip():
            self.take_back()
        if not self._said:
            self.say(text)
        self._end_text()
        self._block = []

    def note(self, text: str, style: str = "dim") -> None:
        """Print it on a line of its own."""
        if self._said:
            self._end_text()
        self._block = []
        self._console.print(Text(printable(text), style=style), soft_wrap=True)

    def _end_text(self) -> None:
        self._console.print()
        self._said = ""

    def _draw(self, lines: list[Text]) -> None:
        """Replace the block above the cursor. What has scrolled away stays and is drawn anew."""
        height = sum(self._height_of(line.plain) for line in self._block)
        if 0 < height < self._console.height:
            self._write(f"\x1b[{height}F\x1b[J")
        for line in lines:
            self._console.print(line, soft_wrap=True)
        self._block, self._has_status = lines, False

    def _height_of(self, text: str) -> int:
        """Lines of the terminal that a text takes: long ones are wrapped by the terminal."""
        width = self._console.width
        return sum(max(1, -(-cell_len(line) // width)) for line in text.split("\n"))

    def _write(self, codes: str) -> None:
        self._console.file.write(codes)
        self._console.file.flush()


def row_of(task: dict[str, Any]) -> Text:
    """A tool call: what is being done, what was done, or what was not and why."""
    title = printable(str(task["title"]))
    if task["status_indicator"] == "loading":
        return Text(f"  {title}…", style="dim")
    if task.get("icon") == "check":
        return Text(f"✓ {title}", style="green")
    reason = printable(str(task.get("content") or "")).replace("\n", " ")
    return Text(f"✗ {title}: {reason}" if reason else f"✗ {title}", style="red")


def printable(text: str) -> str:
    """A text without control characters, but for line feeds and tabs as spaces."""
    return _CONTROLS.sub("", text).replace("\t", "    ")
