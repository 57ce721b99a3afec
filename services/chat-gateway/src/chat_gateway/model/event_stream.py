"""Server-sent events as they come over the wire, in blocks that may be cut anywhere.

Source: html.spec.whatwg.org/multipage/server-sent-events.html, "Interpreting an event stream".
"""

import codecs
import re
from collections.abc import Iterator
from typing import Final

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")


class EventReader:
    """Finds the events of one stream. Only their data counts; names and ids are passed over."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._is_first_line = True
        self._after_return = False

    def feed(self, block: bytes) -> Iterator[bytes]:
        """Take what came. Yields: the data of each event that is whole now, never empty."""
        if not block:
            return
        if self._after_return:  # whose line has ended already, so that nothing waits for more
            block = block.removeprefix(b"\n")
        self._after_return = block.endswith(b"\r")
        *lines, self._rest = _LINE_END.split(self._rest + block)
        for line in lines:
            yield from self._line(line)

    def end(self) -> Iterator[bytes]:
        """The stream is over. Yields: the data of a last event that lacks its empty line."""
        rest, self._rest = self._rest, b""
        yield from self._line(rest)
        yield from self._line(b"")

    def _line(self, line: bytes) -> Iterator[bytes]:
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(codecs.BOM_UTF8)
        if not line:
            data, self._data = b"\n".join(self._data), []
            if data:
                yield data
            return
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data.append(value.removeprefix(b" "))
