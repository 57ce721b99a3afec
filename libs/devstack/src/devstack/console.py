"""The terminal of `make run`: one stream of lines, each with the name of who said it."""

import contextlib
import json
import os
import select
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TextIO

COLOURS: Mapping[str, int] = MappingProxyType(
    {
        "taskchat": 97,
        "postgres": 34,
        "auth": 35,
        "mcp-tools": 36,
        "gemini-simulator": 33,
        "chat-gateway": 32,
        "web": 96,
    }
)
LEVEL_COLOURS: Mapping[str, int] = MappingProxyType({"WARNING": 33, "ERROR": 31, "CRITICAL": 31})
NAME_WIDTH = max(len(name) for name in COLOURS)
DIM = 2
# Said by the prefix, or of use only to a program; the log files keep them.
NOT_SHOWN = frozenset({"ts", "level", "logger", "message", "service", "span_id"})


class Console:
    """Prints lines of several threads, one at a time.

    Args: raw: print what services say as it is, JSON included.
    """

    def __init__(self, stream: TextIO = sys.stdout, *, raw: bool) -> None:
        self._stream = stream
        self._raw = raw
        self._lock = threading.Lock()
        self._colours = _wants_colours(stream)

    @property
    def is_closed(self) -> bool:
        """Whether the terminal or pipe that we print to has gone.

        A closed window sends SIGHUP to the first process of its session only. Below make that is
        not us, and make waits for us.
        """
        waiting = select.poll()
        waiting.register(self._stream, 0)
        return bool(waiting.poll(0))

    def say(self, text: str) -> None:
        """A line of our own."""
        self._print("taskchat", text)

    def warn(self, text: str) -> None:
        """A line of our own that should be seen."""
        self._print("taskchat", self._paint(text, LEVEL_COLOURS["WARNING"]))

    def of(self, name: str) -> Callable[[str], None]:
        """A function that prints each line of a service under its name."""
        return lambda line: self._print(name, line if self._raw else self._readable(line))

    def block(self, text: str) -> None:
        """Text without a prefix, so that a person can copy it."""
        self._write(f"\n{text}\n\n")

    def _readable(self, line: str) -> str:
        """A JSON log line as time, level, message, fields; anything else as it is."""
        try:
            entry = json.loads(line)
        except ValueError:
            return line
        if not isinstance(entry, dict) or "message" not in entry:
            return line
        level = str(entry.get("level", "INFO"))
        parts = [
            self._paint(_clock(entry.get("ts")), DIM),
            self._paint(f"{level:<7}", LEVEL_COLOURS.get(level, DIM)),
            str(entry["message"]),
        ]
        fields = {name: value for name, value in entry.items() if name not in NOT_SHOWN}
        parts += [self._paint(f"{name}={_short(value)}", DIM) for name, value in fields.items()]
        frames = [f"\n  at {frame}" for frame in _own_frames(entry.get("error"))]
        return " ".join(parts) + self._paint("".join(frames), DIM)

    def _print(self, name: str, text: str) -> None:
        prefix = self._paint(f"{name:<{NAME_WIDTH}} │", COLOURS.get(name, 0))
        self._write("".join(f"{prefix} {line}\n" for line in text.splitlines() or [""]))

    def _paint(self, text: str, colour: int) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colours else text

    def _write(self, text: str) -> None:
        # A terminal that has gone is found by `is_closed`; the services go on until then.
        with self._lock, contextlib.suppress(OSError):
            self._stream.write(text)
            self._stream.flush()


def _wants_colours(stream: TextIO) -> bool:
    """https://no-color.org, and FORCE_COLOR for terminals that only look like a pipe."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def _clock(timestamp: object) -> str:
    """Local time of day with milliseconds, of an ISO 8601 time."""
    try:
        moment = datetime.fromisoformat(str(timestamp)).astimezone()
    except ValueError:
        return "--:--:--.---"
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"


def _short(value: object) -> str:
    """A field's value; of an error, its type and what caused it."""
    if isinstance(value, dict) and "type" in value:
        return " ← ".join([str(value["type"]), *map(str, value.get("caused_by", []))])
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _own_frames(error: object) -> list[str]:
    """The frames of an error's stack that are in our files; the log file has all of them."""
    if not isinstance(error, dict):
        return []
    return [str(frame) for frame in error.get("stack", []) if "/site-packages/" not in str(frame)]
