"""What the endpoint takes and what it refuses: body and headers."""

import json
from collections.abc import Callable

import pytest
from devstack.stack import Stack

from tests.equipment.chat import ORIGIN, User, answer, post, refusal, say
from tests.equipment.database import DatabaseView
from tests.equipment.raw_http import Header, send

MAX_BODY_BYTES = 131_072
MAX_MESSAGE_CHARACTERS = 8_000


def said(message: object, **more: object) -> bytes:
    """A body with a message."""
    return json.dumps({"message": message, **more}).encode()


MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "spaces": b"   ",
    "a word": b"hello",
    "cut off": b'{"message": "hel',
    "something after it": b'{"message": "hello"} x',
    "two objects": b'{"message": "hello"}{"message": "hello"}',
    "a list": b'[{"message": "hello"}]',
    "a string": b'"hello"',
    "a number": b"7",
    "null": b"null",
    "true": b"true",
    "NaN": b'{"message": NaN}',
    "Infinity": b'{"message": "x", "conversation_id": Infinity}',
    "single quotes": b"{'message': 'hello'}",
    "a comment": b'{"message": "hello" /* x */}',
    "a trailing comma": b'{"message": "hello",}',
    "a control character": b'{"message": "a\nb"}',
    "not UTF-8": b'{"message": "\xff\xfe"}',
    "a surrogate in UTF-8": b'{"message": "\xed\xa0\x80"}',
    "UTF-16": '{"message": "hello"}'.encode("utf-16"),
    "nested too deep": b'{"message": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
}

INVALID: dict[str, tuple[bytes, str]] = {
    "no message": (b"{}", "/message"),
    "null": (said(None), "/message"),
    "a number": (said(7), "/message"),
    "a list": (said(["hello"]), "/message"),
    "an object": (said({"text": "hello"}), "/message"),
    "empty": (said(""), "/message"),
    "spaces": (said(" \t\n\u3000"), "/message"),
    "a NUL": (said("a\x00b"), "/message"),
    "only a NUL": (said("\x00"), "/message"),
    "only a zero-width space": (said("\u200b"), "/message"),
    "tag characters": (said("milk\U000e0064"), "/message"),
    "an override of direction": (said("milk \u202eegg"), "/message"),
    "a lone surrogate": (b'{"message": "\\ud800"}', "/message"),
    "a surrogate pair the wrong way": (b'{"message": "\\udc00\\ud800"}', "/message"),
    "one character too many": (said("x" * (MAX_MESSAGE_CHARACTERS + 1)), "/message"),
    "one character too many within spaces": (
        said(" " + "x" * (MAX_MESSAGE_CHARACTERS + 1) + " "),
        "/message",
    ),
    "an unknown member": (said("hello", stream=True), "/stream"),
    "a member in another case": (said("hello", Conversation_Id=None), "/Conversation_Id"),
    "a conversation that is no UUID": (said("hello", conversation_id="7"), "/conversation_id"),
    "a conversation that is a number": (said("hello", conversation_id=7), "/conversation_id"),
    "a ChatKit body without its params": (said("hello", type="threads.create"), "/params"),
    "a ChatKit body without an input": (
        b'{"type": "threads.create", "params": {}}',
        "/params/input",
    ),
    "a type that nobody knows": (said("hello", type="threads.forget"), "/type"),
}

GOOD_MESSAGES: dict[str, Callable[[], str]] = {
    "one letter": lambda: "x",
    "as long as allowed": lambda: "x" * MAX_MESSAGE_CHARACTERS,
    "as long as allowed within spaces": lambda: f"  {'x' * MAX_MESSAGE_CHARACTERS}\n",
    "as long as allowed in four bytes each": lambda: "🦆" * MAX_MESSAGE_CHARACTERS,
    "control characters": lambda: "a\tb\r\nc\x1b[31m\x7f",
    "right to left": lambda: "\u200fabc \u2067\u05d0\u2069",
    "a family of four": lambda: "👨‍👩‍👧‍👦",
    "a newline of Unicode": lambda: "a\u2028b",
    "a byte order mark": lambda: "a\ufeffb",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_body_that_is_no_json_object_is_refused(
    stack: Stack, alice: User, database: DatabaseView, body: bytes
) -> None:
    refusal(await post(stack.urls.gateway, alice, body), 400, "malformed_json")

    assert await database.rows_of(alice.user_id) == {}


@pytest.mark.parametrize(("body", "pointer"), INVALID.values(), ids=INVALID.keys())
async def test_field_that_breaks_a_rule_is_named(
    stack: Stack, alice: User, database: DatabaseView, body: bytes, pointer: str
) -> None:
    response = await post(stack.urls.gateway, alice, body)

    found = refusal(response, 422, "invalid_request")
    assert pointer in [error["pointer"] for error in found["errors"]]
    assert b"xxxxxxxx" not in response.body, "what was sent is not echoed"
    assert await database.rows_of(alice.user_id) == {}


@pytest.mark.parametrize("message", GOOD_MESSAGES.values(), ids=GOOD_MESSAGES.keys())
async def test_message_is_stored_as_it_was_said_but_for_the_spaces_around(
    stack: Stack, alice: User, database: DatabaseView, message: Callable[[], str]
) -> None:
    answer(await say(stack.urls.gateway, alice, message()))

    stored = await database.value(
        "SELECT content FROM chat.message WHERE user_id = $1 AND role = 'user'", alice.user_id
    )
    assert stored == message().strip()


async def test_longest_message_may_be_escaped(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    """96,000 bytes: each character as the two halves of a pair."""
    message = "🦆" * MAX_MESSAGE_CHARACTERS
    body = said(message)
    assert len(body) > 96_000

    answer(await post(stack.urls.gateway, alice, body))

    stored = await database.value(
        "SELECT content FROM chat.message WHERE user_id = $1 AND role = 'user'", alice.user_id
    )
    assert stored == message


async def test_body_of_exactly_128_kib_is_read(stack: Stack, alice: User) -> None:
    """It is too long a message, so the refusal shows that the body was read to its end."""
    body = said("x" * (MAX_BODY_BYTES - len(said(""))))
    assert len(body) == MAX_BODY_BYTES

    refusal(await post(stack.urls.gateway, alice, body), 422, "invalid_request")


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 2_000_000])
async def test_larger_body_is_refused_with_and_without_a_length(
    stack: Stack, alice: User, database: DatabaseView, chunked: bool, size: int
) -> None:
    body = said("x" * (size - len(said(""))))

    response = await post(stack.urls.gateway, alice, body, chunked=chunked)

    refusal(response, 413, "body_too_large")
    assert await database.rows_of(alice.user_id) == {}


async def test_length_that_promises_too_much_is_refused(stack: Stack, alice: User) -> None:
    headers: list[Header] = [("Content-Length", "99999999999999999999")]

    response = await post(stack.urls.gateway, alice, b"", headers=headers)

    assert response.status in {400, 413}


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "application/json5",
        "application/problem+json",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "application/json; charset*=utf-8''utf-8",
        "application/json; charset*0*=a''b; charset*1=c",
        "json",
    ],
)
async def test_other_media_types_are_refused(
    stack: Stack, alice: User, database: DatabaseView, content_type: str | None
) -> None:
    """Forms and text/plain are what a page can post across origins without a preflight."""
    response = await post(stack.urls.gateway, alice, said("hello"), content_type=content_type)

    refusal(response, 415, "unsupported_media_type")
    assert await database.rows_of(alice.user_id) == {}


async def test_two_content_codings_are_refused(
    stack: Stack, alice: User, database: DatabaseView
) -> None:
    headers: list[Header] = [("Content-Encoding", "identity"), ("Content-Encoding", "gzip")]

    response = await post(stack.urls.gateway, alice, said("hello"), headers=headers)

    refusal(response, 415, "unsupported_media_type")
    assert await database.rows_of(alice.user_id) == {}


async def test_target_in_absolute_form_is_taken(stack: Stack, alice: User) -> None:
    """RFC 9112 section 3.2.2: a server must, although only proxies are sent it."""
    url = f"{stack.urls.gateway}/api/{alice.user_id}/chat"
    headers = [("Origin", ORIGIN), ("Content-Type", "application/json"), alice.authorization]

    answer(await send(url, target=url, headers=headers, body=said("hello")))


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"],
)
async def test_json_is_taken_with_and_without_its_charset(
    stack: Stack, alice: User, content_type: str
) -> None:
    answer(await post(stack.urls.gateway, alice, said("hello"), content_type=content_type))


@pytest.mark.parametrize(
    "key", ["", "a b", "ü", "a\tb", "x" * 256, "\x7f"], ids=lambda key: repr(key)[:12]
)
async def test_idempotency_key_is_1_to_255_visible_ascii_characters(
    stack: Stack, alice: User, database: DatabaseView, key: str
) -> None:
    refusal(await say(stack.urls.gateway, alice, "hello", key=key), 422, "invalid_request")

    assert await database.rows_of(alice.user_id) == {}


@pytest.mark.parametrize("key", ["!", "~", "x" * 255, 'a,b;c="d"'], ids=lambda key: key[:12])
async def test_odd_but_visible_idempotency_key_is_taken(
    stack: Stack, alice: User, key: str
) -> None:
    first = await say(stack.urls.gateway, alice, "hello", key=key)
    second = await say(stack.urls.gateway, alice, "hello", key=key)

    assert answer(first) == answer(second)


async def test_two_idempotency_keys_are_refused(stack: Stack, alice: User) -> None:
    headers: list[Header] = [("Idempotency-Key", "a"), ("Idempotency-Key", "a")]

    response = await say(stack.urls.gateway, alice, "hello", headers=headers)

    refusal(response, 422, "invalid_request")


@pytest.mark.parametrize(
    "zone",
    [
        "Mars/Olympus",
        "../../etc/passwd",
        "/etc/localtime",
        "europe/berlin ",
        "UTC+1",
        "",
        "x" * 999,
    ],
    ids=lambda zone: zone[:20],
)
async def test_unknown_time_zone_is_refused(
    stack: Stack, alice: User, database: DatabaseView, zone: str
) -> None:
    response = await say(stack.urls.gateway, alice, "hello", headers=[("Time-Zone", zone)])

    refusal(response, 422, "invalid_request")
    assert await database.rows_of(alice.user_id) == {}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC"])
async def test_known_time_zone_is_taken(stack: Stack, alice: User, zone: str) -> None:
    answer(await say(stack.urls.gateway, alice, "hello", headers=[("Time-Zone", zone)]))


@pytest.mark.parametrize("parent", ["nonsense", "00-0-0-0", "ff" * 40, ""])
async def test_broken_traceparent_breaks_nothing(stack: Stack, alice: User, parent: str) -> None:
    """W3C Trace Context: a header that cannot be read is as one that was not sent."""
    answer(await say(stack.urls.gateway, alice, "hello", headers=[("traceparent", parent)]))
