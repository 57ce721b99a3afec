"""Events are read as the standard says, wherever the network cuts them."""

from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import pytest
from devstack.chatkit.event_stream import BrokenStream, Message, read_messages
from hypothesis import given
from hypothesis import strategies as st

STREAM = (
    ': a comment\n\ndata: {"a": "über “x”"}\n\nevent: text\r\ndata: one\r\ndata:two\r\n\r\n'
    "id: 7\rretry: 10\rdata: three\r\rdata\n\nevent: lost\n\ndata: four\n\n"
).encode()
MESSAGES = [
    Message("message", '{"a": "über “x”"}'),
    Message("text", "one\ntwo"),
    Message("message", "three"),
    Message("message", ""),
    Message("message", "four"),
]


async def read(pieces: Sequence[bytes]) -> list[Message]:
    """All events of a stream that comes in these pieces."""

    async def come() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return [message async for message in read_messages(come())]


@pytest.mark.parametrize("cut", [b"data: x", b"data: x\n", b"data: \xc3", b"data: x\n\ndat"])
async def test_stream_that_ends_within_an_event_is_broken(cut: bytes) -> None:
    with pytest.raises(BrokenStream):
        await read([cut])


async def test_bytes_that_are_no_text_are_broken() -> None:
    with pytest.raises(BrokenStream):
        await read([b"data: \xff\xfe\n\n"])


async def test_an_event_is_there_with_its_last_byte() -> None:
    seen = list[Message]()

    async def come() -> AsyncIterator[bytes]:
        yield b"data: one\n"
        assert not seen
        yield b"\n"
        assert seen == [Message("message", "one")]

    async for message in read_messages(come()):
        seen.append(message)


@given(cuts=st.sets(st.integers(1, len(STREAM) - 1)))
async def test_where_the_bytes_are_cut_does_not_matter(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[begin:end] for begin, end in pairwise(edges)]

    assert await read(pieces) == MESSAGES
