"""What a person sees of a turn: on a terminal the provisional is written over, in a pipe it is not.

The terminal is a small one of our own that understands what `TerminalScreen` sends.
"""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from devstack.chat_screen import PlainScreen, Screen, TerminalScreen, screen_for
from rich.console import Console

WIDTH, HEIGHT = 20, 6
CODE = re.compile(r"\x1b\[(\d*)([A-Za-z])|.", re.DOTALL)
LONG = "a text that is wrapped by the terminal, twice"

Task = dict[str, Any]
Play = Callable[[Screen], None]


class Terminal(io.StringIO):
    """Keeps what would be seen. The lines that have scrolled away are above `HEIGHT` others."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]
        self.row = self.column = 0

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        for found in CODE.finditer(text):
            number, code = int(found[1] or 1), found[2]
            if code is None:
                self._character(found[0])
            elif code in "AF":
                top = max(0, len(self.lines) - HEIGHT)
                self.row = max(top, self.row - number)
                self.column = 0 if code == "F" else self.column
            elif code == "J":
                self.lines[self.row] = self.lines[self.row][: self.column]
                del self.lines[self.row + 1 :]
            else:
                assert code == "m", f"not understood: {found[0]!r}"
        return len(text)

    def _character(self, character: str) -> None:
        if character == "\r":
            self.column = 0
            return
        if character == "\n" or self.column == WIDTH:
            self.row, self.column = self.row + 1, 0
            if self.row == len(self.lines):
                self.lines.append("")
        if character != "\n":
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[: self.column] + character + line[self.column + 1 :]
            self.column += 1

    @property
    def seen(self) -> list[str]:
        """All lines, without the empty one where the cursor waits."""
        return [line.rstrip() for line in self.lines if line.strip()]


def on_terminal(play: Play) -> list[str]:
    """What is seen on a terminal after these calls."""
    terminal = Terminal()
    console = Console(file=terminal, force_terminal=True, width=WIDTH, height=HEIGHT)
    play(TerminalScreen(console))
    return terminal.seen


def in_pipe(play: Play) -> str:
    """What is written into a pipe by these calls."""
    pipe = io.StringIO()
    play(PlainScreen(Console(file=pipe, width=WIDTH)))
    return pipe.getvalue()


def task(title: str, status: str = "loading", **members: str) -> Task:
    """A row as the wire has it."""
    return {"type": "custom", "title": title, "status_indicator": status, **members}


def added(title: str) -> Task:
    """A row of a call that went well."""
    return task(f"Added {title}", "complete", icon="check")


FAILED = task("Did not add", "complete", icon="circle-question", content="full")


def whole_turn(screen: Screen) -> None:
    """Two calls, one of which fails; a first text that is taken back; the answer."""
    screen.status("Thinking…")
    screen.say("I will add ")
    screen.say(LONG)
    screen.take_back()
    screen.rows([task("Adding milk")])
    screen.rows([task("Adding milk"), task("Adding tea")])
    screen.rows([task("Adding milk"), FAILED])
    screen.rows([added("milk"), FAILED])
    screen.say("I added ")
    screen.say("milk.")
    screen.answer("I added milk.")


def test_turn_on_a_terminal() -> None:
    assert on_terminal(whole_turn) == ["✓ Added milk", "✗ Did not add: full", "I added milk."]


def test_turn_in_a_pipe() -> None:
    assert in_pipe(whole_turn) == "✓ Added milk\n✗ Did not add: full\nI added milk.\n"


@pytest.mark.parametrize("said", ["x", "x" * WIDTH, "x" * (WIDTH + 1), "a\n\nb\n", LONG])
def test_text_that_is_taken_back_is_erased_and_nothing_else(said: str) -> None:
    def play(screen: Screen) -> None:
        screen.note("before")
        for character in said:
            screen.say(character)
        screen.take_back()
        screen.answer("after")

    assert on_terminal(play) == ["before", "after"]


def test_text_that_has_scrolled_away_is_said_not_to_count() -> None:
    def play(screen: Screen) -> None:
        screen.say("line\n" * (HEIGHT + 1))
        screen.take_back()
        screen.answer("Done.")

    assert "(what is said above" in on_terminal(play)
    assert on_terminal(play)[-1] == "Done."


def test_answer_that_ends_as_something_else_replaces_what_was_shown() -> None:
    def play(screen: Screen) -> None:
        screen.say("I added milk and")
        screen.answer("I added milk.")

    assert on_terminal(play) == ["I added milk."]


def test_nothing_that_is_said_moves_the_cursor() -> None:
    def play(screen: Screen) -> None:
        screen.note("before")
        screen.rows([added("\x1b[2Jmilk\r\b")])
        screen.answer("\x1b[1F\x9b1Jü “x”\tend")

    assert on_terminal(play) == ["before", "✓ Added [2Jmilk", "[1F1Jü “x”    end"]
    assert "\x1b" not in in_pipe(play)


def test_rows_that_come_below_a_text_leave_it_where_it_is() -> None:
    def play(screen: Screen) -> None:
        screen.say("One moment")
        screen.rows([task("Adding milk")])
        screen.rows([added("milk")])
        screen.answer("Done.")

    assert on_terminal(play) == ["One moment", "✓ Added milk", "Done."]


def test_rows_that_go_on_after_a_text_was_taken_back_are_drawn_once() -> None:
    def play(screen: Screen) -> None:
        screen.begin()
        screen.rows([added("milk")])
        screen.say("I added milk and")
        screen.rows([added("milk")])
        screen.take_back()
        screen.rows([added("milk"), task("Adding tea")])
        screen.rows([added("milk"), added("tea")])
        screen.answer("Done.")

    assert on_terminal(play) == ["✓ Added milk", "✓ Added tea", "Done."]
    assert in_pipe(play) == "✓ Added milk\n✓ Added tea\nDone.\n"


def test_a_pipe_gets_no_codes() -> None:
    assert isinstance(screen_for(Console(file=io.StringIO())), PlainScreen)
    assert isinstance(screen_for(Console(file=Terminal(), force_terminal=True)), TerminalScreen)
