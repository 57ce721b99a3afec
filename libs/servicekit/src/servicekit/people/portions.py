"""Portions: a part of an export that was read and waits for its reader, compressed, in memory.

What people say and what tools answered repeats itself: of a real account a tenth is left.
"""

import zlib
from collections.abc import Iterator
from typing import Final

FULL_BYTES: Final = 1 << 20  # compressed
PIECE_BYTES: Final = 1 << 16  # uvicorn waits for the reader of what is more
_FAST: Final = 1


class Portion:
    """Takes text until it is full; gives it back in pieces, once."""

    def __init__(self) -> None:
        self._packing = zlib.compressobj(_FAST)
        self._packed = bytearray()

    @property
    def is_full(self) -> bool:
        """Whether it should be given no more. What is given all the same is kept."""
        return len(self._packed) >= FULL_BYTES

    def add(self, text: str) -> None:
        """Put something at the end. It may take 10 ms a megabyte, and can be left to a thread."""
        self._packed += self._packing.compress(text.encode())

    def pieces(self) -> Iterator[bytes]:
        """Everything that was added, in UTF-8, at most `PIECE_BYTES` at a time."""
        rest = bytes(self._packed) + self._packing.flush()
        self._packed.clear()
        unpacking = zlib.decompressobj()
        while not unpacking.eof:
            piece = unpacking.decompress(rest, PIECE_BYTES)
            rest = unpacking.unconsumed_tail
            if piece:
                yield piece
