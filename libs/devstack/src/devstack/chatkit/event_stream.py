"""Server-sent events, read as they come.

Source: WHATWG HTML section 9.2.6 "Interpreting an event stream".
"""

import codecs
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass


class BrokenStream(Exception):
    """A stream ended in the middle of an event, or is no UTF-8."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event. Attributes: name: `message` where the stream says none."""

    name: str
    data: str


async def read_messages(pieces: AsyncIterable[bytes]) -> AsyncIterator[Message]:
    """Each event as soon as its last byte is there, however the bytes are cut.

    Raises: BrokenStream: the stream ended within an event. What the connection raises.
    """
    decoder, rest = codecs.getincrementaldecoder("utf-8")("strict"), ""
    name, data = "", list[str]()
    async for piece in pieces:
        try:
            rest += decoder.decode(piece)
        except UnicodeDecodeError as error:
            raise BrokenStream(f"no UTF-8: {error}") from error
        *lines, rest = _lines(rest)
        for line in lines:
            if not line:
                if data:
                    yield Message(name or "message", "\n".join(data))
                name, data = "", []
                continue
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                data.append(value)
            elif field == "event":
                name = value
    if rest or data or decoder.getstate()[0]:
        raise BrokenStream(f"the stream ended within an event: {(data, rest)!r}")


def _lines(text: str) -> list[str]:
    """Lines that end in LF, CRLF or CR, and what comes after the last of them.

    A CR at the very end may be half of a CRLF, and is left for the next piece.
    """
    held = "\r" if text.endswith("\r") else ""
    plain = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
    *lines, rest = plain.split("\n")
    return [*lines, rest + held]
