"""What the OpenAPI document says of the ChatKit body: the types that are served, and their answers.

Written by hand: the library's own schemas of requests take what the service refuses, and those of
answers are as long as its widgets. tests/contract holds the document against the service.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import JsonValue

from chat_gateway.chatkit.actions import PAYLOADS, STOP
from chat_gateway.chatkit.requests import MAX_QUOTED_LENGTH
from chat_gateway.conversations.message_text import MAX_MESSAGE_LENGTH

Schema = dict[str, Any]

_TEXT: Final[Schema] = {
    "type": "string",
    "minLength": 1,
    # What a schema can say of a text: something that is no space, no NUL.
    "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$",
}
_ID: Final[Schema] = {"type": "string", "format": "uuid"}
_LIMIT: Final[Schema] = {"type": ["integer", "null"], "minimum": 1, "maximum": 100}
_ORDER: Final[Schema] = {"enum": ["asc", "desc"]}


_NAME: Final[Schema] = {"type": "string"}
_ANY: Final[Schema] = {"type": "object"}


def _object(required: list[str], **members: Schema) -> Schema:
    return {"type": "object", "required": required, "properties": members}


def _part(kind: str, **members: Schema) -> Schema:
    text = {**_TEXT, "maxLength": MAX_MESSAGE_LENGTH}
    return _object(["type", "text", *members], type={"const": kind}, text=text, **members)


_INPUT: Final = {
    **_object(
        ["content", "attachments", "inference_options"],
        content={
            "type": "array",
            "minItems": 1,
            "items": {"anyOf": [_part("input_text"), _part("input_tag", id=_NAME, data=_ANY)]},
        },
        attachments={"type": "array", "maxItems": 0},
        inference_options=_ANY,
    ),
    "description": "The texts of all parts, tags too, are joined to one message. `quoted_text`, at"
    f" most {MAX_QUOTED_LENGTH} characters, is put before it.",
}


def _request(kind: str, params: Schema) -> Schema:
    return _object(["type", "params"], type={"const": kind}, params=params)


def _action(kind: str, payload: Mapping[str, JsonValue]) -> Schema:
    """A custom action. Only a click may be about no thread."""
    required = ["type", "payload"] if payload.get("required") else ["type"]
    thread = _ID if kind == STOP else {**_ID, "type": ["string", "null"]}
    return _request(
        "threads.custom_action",
        _object(
            ["thread_id", "action"],
            thread_id=thread,
            action=_object(required, type={"const": kind}, payload=dict(payload)),
        ),
    )


#: One schema per type of request that is served, and per custom action.
REQUESTS: Final[list[Schema]] = [
    _request("threads.create", _object(["input"], input=_INPUT)),
    _request(
        "threads.add_user_message", _object(["thread_id", "input"], thread_id=_ID, input=_INPUT)
    ),
    _request(
        "threads.retry_after_item", _object(["thread_id", "item_id"], thread_id=_ID, item_id=_ID)
    ),
    *(_action(kind, payload) for kind, payload in PAYLOADS.items()),
    _request("threads.get_by_id", _object(["thread_id"], thread_id=_ID)),
    _request("threads.list", _object([], limit=_LIMIT, order=_ORDER)),
    _request(
        "threads.update",
        _object(["thread_id", "title"], thread_id=_ID, title={**_TEXT, "maxLength": 200}),
    ),
    _request("threads.delete", _object(["thread_id"], thread_id=_ID)),
    _request("items.list", _object(["thread_id"], thread_id=_ID, limit=_LIMIT, order=_ORDER)),
    _request(
        "items.feedback",
        _object(
            ["thread_id", "item_ids", "kind"],
            thread_id=_ID,
            item_ids={"type": "array", "items": _ID, "maxItems": 100},
            kind={"enum": ["positive", "negative"]},
        ),
    ),
]

_THREAD: Final = _object(
    ["id", "created_at", "status", "items"],
    id=_ID,
    title={"type": "string"},
    created_at={"type": "string", "format": "date-time"},
    status=_object(["type"], type={"const": "active"}),
    items=_object(["data", "has_more"], data={"type": "array"}, has_more={"type": "boolean"}),
)
_PAGE: Final = _object(
    ["data", "has_more"],
    data={"type": "array", "items": _object(["id", "created_at"], id=_ID)},
    has_more={"type": "boolean"},
    after={"type": "string"},
)
_NOTHING: Final[Schema] = {"type": "object", "maxProperties": 0}

#: What is answered in JSON to a ChatKit body: a thread, a page of threads or items, or nothing.
ANSWERS: Final[list[Schema]] = [_THREAD, _PAGE, _NOTHING]
#: One server-sent event, as OpenAPI 3.2 describes them.
EVENTS: Final[Schema] = {
    **_object(
        ["data"],
        event={"enum": ["message", "text", "retracted", "tool_call", "answer", "error"]},
        data={"type": "string", "contentMediaType": "application/json"},
    ),
    "description": "Of a ChatKit body, without a name, the `ThreadStreamEvent`s of openai-chatkit"
    " 1.6.5; of a plain body `text`, `retracted`, `tool_call`, and at the end `answer` or `error`.",
}
