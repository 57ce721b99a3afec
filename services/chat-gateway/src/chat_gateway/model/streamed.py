"""An answer of the model that is read while it comes. Whoever listens is told its text at once."""

import time
from collections.abc import Iterator
from typing import Final, Protocol

from chat_gateway.model.assembly import AnswerCut, Assembly
from chat_gateway.model.completion import (
    Completion,
    NoCompletion,
    parsed_body,
    read_completion,
)
from chat_gateway.model.event_stream import EventReader

MAX_BYTES: Final = 16 * 2**20
"""Of a whole stream: 8,192 tokens with half a kilobyte around each are a quarter of it."""
DONE: Final = b"[DONE]"
_BLANKS_AND_MARK: Final = b"\xef\xbb\xbf \t\r\n"
_NO_EVENTS: Final = (b"{", b"[", b"<")
"""What a body begins with that is no event stream, whatever its content type says."""


class Hearer(Protocol):
    """Is told of an answer while it comes."""

    def began(self) -> None:
        """The answer says something, or is about to."""
        ...

    def said(self, text: str) -> None:
        """More of its text. Args: text: not empty; may be blank."""
        ...

    def called(self) -> None:
        """It asks for a tool, so that its text is not what the person is to read."""
        ...


class StreamedAnswer:
    """One answer, fed with what comes.

    first_at: when it began to say something, on the clock of `time.perf_counter`; None before.
    is_over: the stream has said that it ends; what follows counts for nothing.
    """

    def __init__(self, hearer: Hearer) -> None:
        self.first_at: float | None = None
        self.is_over = False
        self._hearer = hearer
        self._events = EventReader()
        self._assembly = Assembly()
        self._bytes = 0
        self._held = b""  # while it cannot be told what it is
        self._is_stream: bool | None = None

    @property
    def has_come(self) -> bool:
        """Whether any of it is here."""
        return self._bytes > 0

    def feed(self, block: bytes) -> bool:
        """Take what came.

        Returns: whether it brought the answer on.
        Raises: NoCompletion: it is no stream of answers. ErrorInside.
        """
        self._bytes += len(block)
        if self._bytes > MAX_BYTES:
            raise NoCompletion
        if not self._is_stream:
            self._held += block
            first = self._held.lstrip(_BLANKS_AND_MARK)[:1]
            if self._is_stream is None and first:
                self._is_stream = first not in _NO_EVENTS
            if not self._is_stream:
                return bool(first)
            block, self._held = self._held, b""
        return self._take(self._events.feed(block))

    def completion(self) -> Completion:
        """Read the whole, which has ended.

        Raises: AnswerCut: it has no end. NoCompletion. ErrorInside.
        """
        if self._held:
            return read_completion(parsed_body(self._held))
        if not self.is_over:
            try:
                self._take(self._events.end())
            except NoCompletion:
                raise AnswerCut from None  # in the middle of a piece
        return self._assembly.completion()

    def _take(self, events: Iterator[bytes]) -> bool:
        came = False
        for data in events:
            if self.is_over or data.strip() == DONE:
                self.is_over = True
                continue
            came = True
            text = self._assembly.add(parsed_body(data))
            if self.first_at is None and self._assembly.has_begun:
                self.first_at = time.perf_counter()
                self._hearer.began()
            if self._assembly.has_calls:
                self._hearer.called()
            elif text:
                self._hearer.said(text)
        return came
