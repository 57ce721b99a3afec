"""The body: what is JSON, what is a message."""

import json
from uuid import UUID

import pytest
from chat_gateway.api.bodies import ChatBody, parse_body
from chat_gateway.conversations.message_text import MAX_MESSAGE_LENGTH
from chat_gateway.errors import InvalidRequest, MalformedJson, UnsupportedRequest
from hypothesis import given
from hypothesis import strategies as st

CONVERSATION = "01980000-0000-7000-8000-00000000000a"


def body(**members: object) -> bytes:
    return json.dumps(members).encode()


def plain(raw: bytes) -> ChatBody:
    parsed = parse_body(raw)
    assert isinstance(parsed, ChatBody)
    return parsed


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b'"hello"',
        b'{"message": NaN}',
        b'{"message": "a", "message": "b"}',
        b'{"message": "\xff"}',
        b'\xef\xbb\xbf{"message": "hello"}',
        b'{"message": "hello"} x',
        b'{"message": ' + b"[" * 30_000,
        b'{"message": ' + b"9" * 5_000 + b"}",
    ],
)
def test_what_is_no_json_object_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse_body(raw)


@given(raw=st.binary(max_size=60))
def test_no_bytes_break_the_parser(raw: bytes) -> None:
    try:
        parse_body(raw)
    except (MalformedJson, InvalidRequest, UnsupportedRequest):
        return
    json.loads(raw)


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (body(), "/message"),
        (body(message=None), "/message"),
        (body(message=["hello"]), "/message"),
        (body(message=""), "/message"),
        (body(message=" \n\t "), "/message"),
        (body(message="a\0b"), "/message"),
        (b'{"message": "\\ud83d"}', "/message"),
        (body(message="\u200b"), "/message"),
        (body(message="\u2800 \ufe0f"), "/message"),
        (body(message="a\U000e0041"), "/message"),
        (body(message="\u202ea"), "/message"),
        (body(message="x" * (MAX_MESSAGE_LENGTH + 1)), "/message"),
        (body(message="hello", conversation_id="7"), "/conversation_id"),
        (body(message="hello", conversation_id=UUID(CONVERSATION).hex), "/conversation_id"),
        (body(message="hello", conversation_id=f"{{{CONVERSATION}}}"), "/conversation_id"),
        (body(message="hello", conversation_id=f"urn:uuid:{CONVERSATION}"), "/conversation_id"),
        (body(message="hello", conversation_id=[]), "/conversation_id"),
        (body(message="hello", stream=True), "/stream"),
        (body(message="hello", type=None), "/type"),
        (body(message="hello", **{"<script>\ud800": 1}), ""),
    ],
)
def test_wrong_field_is_pointed_at(raw: bytes, pointer: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_body(raw)
    assert [error["pointer"] for error in refused.value.errors or []] == [pointer]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("\u2060", "must hold something visible"),
        ("a\U000e0041", "must not hold tag characters (U+E0000 to U+E007F), which nobody sees"),
        ("a\u202e", "must not hold characters that turn the direction of text (U+202A to U+202E)"),
    ],
)
def test_hidden_text_is_told_what_is_wrong_with_it(message: str, told: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_body(body(message=message))
    assert refused.value.errors == [{"pointer": "/message", "message": told}]


@pytest.mark.parametrize("message", ["👨‍👩‍👧‍👦", "می‌خواهم", "क्‍ष", "\u200fשלום", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
def test_joiners_marks_and_selectors_are_kept(message: str) -> None:
    assert plain(body(message=message)).message == message


def test_what_was_sent_is_not_echoed() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_body(body(message=["a secret"], conversation_id="a secret"))
    assert "secret" not in json.dumps(refused.value.errors)


def test_message_is_trimmed_before_it_is_measured() -> None:
    said = plain(body(message=f"  {'🦆' * MAX_MESSAGE_LENGTH}\n"))
    assert said.message == "🦆" * MAX_MESSAGE_LENGTH


def test_conversation_may_be_absent_null_or_named() -> None:
    assert plain(body(message="hello")).conversation_id is None
    assert plain(body(message="hello", conversation_id=None)).conversation_id is None
    named = plain(body(message="hello", conversation_id=CONVERSATION.upper()))
    assert named.conversation_id == UUID(CONVERSATION)
