"""One corpus of hostile messages and conversations over both bodies: neither is softer."""

import json
from typing import Any

import pytest
from chat_gateway.conversations.message_text import MAX_MESSAGE_LENGTH
from servicekit.identifiers import new_id

from ..equipment.gateway import Gateway
from ..equipment.storage import Storage
from ..equipment.streams import said, streamed

REFUSED_MESSAGES = [
    "", " \n\t ", "a\0b", "\u200b", "\u2800 \ufe0f", "a\U000e0041", "\u202ea", "\u2066",
    "x" * (MAX_MESSAGE_LENGTH + 1), "\ud83d", "a\udc00", None, 7, ["hi"], {"a": 1}, True,
]  # fmt: skip
TAKEN_MESSAGES = [
    "x" * MAX_MESSAGE_LENGTH, "🦆" * 100, "👨‍👩‍👧‍👦", "\u200fשלום", "'; DROP TABLE chat.turn; --",
    "</script><script>", "data: {}\n\nevent: error\n\n", "a\r\nb\u2028c\x1b[0m", "{{7*7}}",
]  # fmt: skip
DEEP = "[" * 20_000
UNKNOWN = "0198f3c2-7a11-7c3e-9b1d-2f6a0c4d5e6f"
SHAPES = [b"", b"[]", b"null", b"\xff", b'{"type": "\xff"}', b'{"type":"a","type":"b"}',
          b'{"params": NaN, "type": "threads.list"}', f'{{"type": {DEEP}'.encode(),
          f'{{"type": "threads.list", "params": {DEEP}'.encode(),
          b'{"type": "threads.list", "params": {"limit": ' + b"9" * 5_000 + b"}}"]  # fmt: skip


@pytest.mark.parametrize("message", REFUSED_MESSAGES, ids=range(len(REFUSED_MESSAGES)))
async def test_what_one_refuses_the_other_does(
    gateway: Gateway, storage: Storage, message: Any
) -> None:
    user_id = new_id()
    answers = [await gateway.post(user_id, body) for body in ({"message": message}, said(message))]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (422, "invalid_request")
    ] * 2
    assert await storage.count("message", user_id) == 0


@pytest.mark.parametrize("message", TAKEN_MESSAGES, ids=range(len(TAKEN_MESSAGES)))
async def test_what_one_takes_the_other_stores_in_the_same_words(
    gateway: Gateway, storage: Storage, message: str
) -> None:
    user_id = new_id()
    assert (await gateway.post(user_id, {"message": message})).status_code == 200
    stream = await streamed(gateway, user_id, said(message))
    first, _, second, _ = await storage.messages(user_id)
    assert first == second
    assert stream.items[0]["content"][0]["text"] == first[1]


@pytest.mark.parametrize("raw", SHAPES, ids=range(len(SHAPES)))
async def test_what_is_no_json_object_is_malformed(gateway: Gateway, raw: bytes) -> None:
    refused = await gateway.post(new_id(), raw)
    assert (refused.status_code, refused.json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("limit", [0, -1, 101, 10**30, -(10**30), 1.5, "5", True, [], {}])
async def test_no_limit_breaks_a_page(gateway: Gateway, limit: object) -> None:
    for kind, params in (("threads.list", {}), ("items.list", {"thread_id": str(new_id())})):
        body = {"type": kind, "params": {**params, "limit": limit}}
        assert (await gateway.post(new_id(), body)).status_code == 422


@pytest.mark.parametrize("name", ["", "7", "\0", "\ud800", "a" * 10_000, "../..", UNKNOWN])
async def test_no_id_breaks_a_request(gateway: Gateway, name: str) -> None:
    user_id = new_id()
    of_thread: list[tuple[str, dict[str, object]]] = [
        ("threads.get_by_id", {}),
        ("threads.delete", {}),
        ("threads.update", {"title": "a"}),
        ("threads.add_user_message", said("hi")["params"]),  # type: ignore[list-item] # JSON
        ("threads.retry_after_item", {"item_id": str(new_id())}),
        ("items.list", {}),
        ("items.feedback", {"item_ids": [], "kind": "positive"}),
    ]
    bodies = set()
    for kind, params in of_thread:
        body = {"type": kind, "params": {**params, "thread_id": name}}
        refused = await gateway.post(user_id, json.dumps(body).encode())
        assert (refused.status_code, refused.json()["code"]) == (404, "conversation_not_found")
        bodies.add(refused.content)
    assert len(bodies) == 1
