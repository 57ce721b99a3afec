"""Events of a stream whose blocks are cut anywhere."""

import itertools

import pytest
from chat_gateway.model.event_stream import EventReader
from hypothesis import given
from hypothesis import strategies as st

STREAMS = {
    b"data: a\n\ndata: b\n\n": [b"a", b"b"],
    b"data: a\r\n\r\ndata:b\r\n\r\n": [b"a", b"b"],
    b"data: a\r\rdata: b\r\r": [b"a", b"b"],
    b"\xef\xbb\xbfdata: a\n\n": [b"a"],
    b": keep alive\n\ndata: a\n: one more\ndata: b\n\n": [b"a\nb"],
    b"event: message\nid: 1\nretry: 10\ndata: a\n\n": [b"a"],
    b"data: {\ndata:  1}\n\n": [b"{\n 1}"],
    b"data\n\ndata:\n\nevent: ping\n\n\n\ndata: a\n\n": [b"a"],
    b"no event at all\n\ndata: a\n\n": [b"a"],
    "data: Käse 🧀\r\n\n".encode(): ["Käse 🧀".encode()],
    b"data: a\n\ndata: the last one lacks its empty line": [
        b"a",
        b"the last one lacks its empty line",
    ],
    b"": [],
}


def read(blocks: list[bytes]) -> list[bytes]:
    reader = EventReader()
    return [data for block in blocks for data in reader.feed(block)] + list(reader.end())


@pytest.mark.parametrize("stream", STREAMS)
def test_events_are_found_in_one_block_and_in_blocks_of_a_byte(stream: bytes) -> None:
    assert read([stream]) == STREAMS[stream]
    assert read([bytes([byte]) for byte in stream]) == STREAMS[stream]


@given(st.sampled_from(sorted(STREAMS)), st.lists(st.integers(0, 60), max_size=8))
def test_where_the_blocks_are_cut_makes_no_difference(stream: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    blocks = [stream[begin:end] for begin, end in itertools.pairwise(edges)]

    assert read(blocks) == STREAMS[stream]


def test_an_event_is_there_as_soon_as_its_empty_line_is() -> None:
    for end in (b"\n", b"\r\n", b"\r"):
        reader = EventReader()
        assert list(reader.feed(b"data: a" + end)) == []
        assert list(reader.feed(end)) == [b"a"]
        assert list(reader.feed(b"data: b" + end + end)) == [b"b"]
