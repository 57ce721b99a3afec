"""A ChatKit body: what it asks for, and what is wrong with it."""

import json
from typing import Any
from uuid import UUID

import pytest
from chat_gateway.api.bodies import parse_body
from chat_gateway.chatkit.requests import MAX_ERRORS, MAX_QUOTED_LENGTH, RetryAfter, Say
from chat_gateway.conversations.message_text import MAX_MESSAGE_LENGTH
from chat_gateway.errors import (
    ConversationNotFound,
    InvalidRequest,
    MalformedJson,
    UnsupportedRequest,
)
from chatkit.types import ItemsListReq, ThreadsListReq
from hypothesis import given, settings
from hypothesis import strategies as st

THREAD = "01980000-0000-7000-8000-00000000000a"
ITEM = "01980000-0000-7000-8000-00000000000b"
NOT_SERVED = (
    "threads.add_client_tool_output",
    "threads.add_structured_input",
    "threads.sync_custom_action",
    "attachments.create",
    "attachments.delete",
    "input.transcribe",
)
SERVED = (
    "threads.create",
    "threads.add_user_message",
    "threads.retry_after_item",
    "threads.custom_action",
    "threads.get_by_id",
    "threads.list",
    "threads.update",
    "threads.delete",
    "items.list",
    "items.feedback",
)


def said(*parts: object, **others: object) -> dict[str, object]:
    """The input of a message. Args: parts: a text, or a part as it is sent."""
    content = [
        {"type": "input_text", "text": one} if isinstance(one, str) else one for one in parts
    ]
    return {"content": content, "attachments": [], "inference_options": {}, **others}


def tag(text: str) -> dict[str, object]:
    return {"type": "input_tag", "id": "7", "text": text, "data": {}}


def parsed(kind: object, **params: object) -> Any:
    return parse_body(json.dumps({"type": kind, "params": params}).encode())


def pointer_of(kind: object, **params: object) -> list[str]:
    with pytest.raises(InvalidRequest) as refused:
        parsed(kind, **params)
    return [error["pointer"] for error in refused.value.errors or []]


def test_a_message_is_what_its_parts_say_tags_too() -> None:
    assert parsed("threads.create", input=said("  buy ", tag("milk"), " now\n")) == Say(
        None, "buy milk now"
    )
    assert parsed("threads.add_user_message", thread_id=THREAD, input=said("hi")) == Say(
        UUID(THREAD), "hi"
    )


def test_what_is_quoted_stands_before_it() -> None:
    quoting = said("do that", quoted_text=" one\n\ntwo ")
    assert parsed("threads.create", input=quoting) == Say(None, "> one\n>\n> two\n\ndo that")
    assert parsed("threads.create", input=said("hi", quoted_text=" ")) == Say(None, "hi")


def test_the_other_streams_are_read() -> None:
    assert parsed("threads.retry_after_item", thread_id=THREAD, item_id=ITEM) == RetryAfter(
        UUID(THREAD), UUID(ITEM)
    )


def test_what_is_answered_with_json_comes_as_the_library_types_it() -> None:
    assert isinstance(parsed("threads.list"), ThreadsListReq)
    assert isinstance(parsed("items.list", thread_id=THREAD), ItemsListReq)


@pytest.mark.parametrize("kind", NOT_SERVED)
def test_what_is_not_served_says_so_whatever_its_params_are(kind: str) -> None:
    with pytest.raises(UnsupportedRequest):
        parsed(kind, anything=[1])
    with pytest.raises(UnsupportedRequest):
        parse_body(json.dumps({"type": kind}).encode())


@pytest.mark.parametrize("kind", SERVED)
def test_params_are_needed_and_pointed_at(kind: str) -> None:
    for body in ({"type": kind}, {"type": kind, "params": 1}, {"type": kind, "params": None}):
        with pytest.raises(InvalidRequest) as refused:
            parse_body(json.dumps(body).encode())
        assert [error["pointer"] for error in refused.value.errors or []] == ["/params"]


@pytest.mark.parametrize("kind", [None, 7, [], {}, "", "threads.burn", "\ud800", "threads.create "])
def test_a_type_that_there_is_not_is_pointed_at_and_not_echoed(kind: object) -> None:
    assert pointer_of(kind, input=said("hi")) == ["/type"]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        (said(), "/params/input/content"),
        (said(""), "/params/input/content/0/text"),
        (said("a\0b"), "/params/input/content/0/text"),
        (said("\ud83d"), "/params/input/content/0/text"),
        (said("\u200b"), "/params/input/content/0/text"),
        (said("a", tag("b\u202e")), "/params/input/content"),
        (said("x" * MAX_MESSAGE_LENGTH, "x"), "/params/input/content"),
        (said({"type": "input_text"}), "/params/input/content/0/text"),
        (said("a", {"type": "input_text", "text": 7}), "/params/input/content/1/text"),
        (said({"type": "<script>\ud800", "text": "a"}), "/params/input/content/0/type"),
        (said({"text": "a"}), "/params/input/content/0/type"),
        (said("hi", attachments=["a"]), "/params/input/attachments"),
        (said("hi", quoted_text="\0"), "/params/input/quoted_text"),
        (said("hi", quoted_text="x" * (MAX_QUOTED_LENGTH + 1)), "/params/input/quoted_text"),
        (said("x" * MAX_MESSAGE_LENGTH, quoted_text="x"), "/params/input/content"),
        ({"content": [], "attachments": []}, "/params/input/inference_options"),
    ],
)
def test_what_is_wrong_with_a_message_is_pointed_at(given: object, pointer: str) -> None:
    assert pointer_of("threads.create", input=given) == [pointer]


@pytest.mark.parametrize("wrong", ["", "7", UUID(THREAD).hex, f"{{{THREAD}}}", "\0", "\ud800"])
def test_an_id_has_one_spelling(wrong: str) -> None:
    for kind in ("threads.add_user_message", "threads.retry_after_item", "threads.custom_action"):
        with pytest.raises(ConversationNotFound):
            parsed(kind, thread_id=wrong, item_id=ITEM, input=said("hi"), action={"type": "a"})
    assert pointer_of("threads.retry_after_item", thread_id=THREAD, item_id=wrong) == [
        "/params/item_id"
    ]


@pytest.mark.parametrize("wrong", ["5", 5.5, True, [], {}])
def test_a_limit_is_a_number(wrong: object) -> None:
    assert pointer_of("threads.list", limit=wrong) == ["/params/limit"]
    assert pointer_of("items.list", thread_id=THREAD, limit=wrong) == ["/params/limit"]


def test_nothing_that_was_sent_is_echoed_and_the_answer_stays_small() -> None:
    wrong = [{"type": "a secret", "a secret": "a secret"}] * 1_000
    with pytest.raises(InvalidRequest) as refused:
        parsed("threads.create", input=said(*wrong))
    assert "secret" not in json.dumps(refused.value.errors)
    assert len(refused.value.errors or []) == MAX_ERRORS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(kind=st.sampled_from((*SERVED, *NOT_SERVED)), params=JSON, members=JSON)
def test_no_params_break_the_parser(kind: str, params: object, members: object) -> None:
    for given_params in (
        params,
        {"thread_id": params, "input": members},
        {"input": {"content": params}},
    ):
        body = json.dumps({"type": kind, "params": given_params, "metadata": members})
        try:
            parse_body(body.encode())
        except (
            ConversationNotFound,
            InvalidRequest,
            UnsupportedRequest,
            MalformedJson,
        ) as refused:
            json.dumps(refused.errors, ensure_ascii=False).encode()
