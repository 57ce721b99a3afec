"""A ChatKit body → what it asks for. `chatkit.types` says what a request is; we say what we take.

Members that the protocol does not know are left alone, as its own library does; `metadata` and
`inference_options` are taken and mean nothing here: the agent decides (law 2).
Source: contract.md "The ChatKit body".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args
from uuid import UUID

from chatkit.types import (
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    BaseReq,
    InputTranscribeReq,
    ItemsFeedbackReq,
    ItemsListReq,
    NonStreamingReq,
    StreamingReq,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsRetryAfterItemReq,
    ThreadsSyncCustomActionReq,
    ThreadsUpdateReq,
    UserMessageInput,
)
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from servicekit.text import complaint

from chat_gateway.chatkit.actions import Click, Stop, read_action
from chat_gateway.conversations.message_text import MessageText
from chat_gateway.errors import (
    ConversationNotFound,
    FieldError,
    InvalidRequest,
    UnsupportedRequest,
)

MAX_QUOTED_LENGTH: Final = 2_000
"""Characters of `quoted_text`; what is quoted is shown to the model before the message."""
MAX_ERRORS: Final = 20
"""A body of nothing but wrong parts is not answered with more than it was."""

ThreadsRequest = (
    ThreadsGetByIdReq
    | ThreadsListReq
    | ThreadsUpdateReq
    | ThreadsDeleteReq
    | ItemsListReq
    | ItemsFeedbackReq
)
"""What is answered with JSON, as the library types it. Its ids are not checked yet: identifier."""


@dataclass(frozen=True, slots=True)
class Say:
    """`threads.create`, `threads.add_user_message`: the same as the plain body."""

    conversation_id: UUID | None
    message: str


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """`threads.retry_after_item`. item_id: of a person's message, if it is one."""

    conversation_id: UUID
    item_id: UUID


ChatKitRequest = Say | RetryAfter | Click | Stop | ThreadsRequest

_MODELS: Final[Mapping[str, type[BaseReq]]] = {
    model.model_fields["type"].default: model
    for model in (*get_args(StreamingReq), *get_args(NonStreamingReq))
}
_NOT_SERVED: Final = frozenset(
    {
        ThreadsAddClientToolOutputReq,
        ThreadsAddStructuredInputReq,
        ThreadsSyncCustomActionReq,
        AttachmentsCreateReq,
        AttachmentsDeleteReq,
        InputTranscribeReq,
    }
)
_MESSAGE: Final = TypeAdapter(MessageText)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CONTENT: Final = "/params/input/content"
_PARTS: Final = frozenset({"input_text", "input_tag"})


def parse_request(members: Mapping[str, Any]) -> ChatKitRequest:
    """Read a body that has a `type`.

    Raises: InvalidRequest (422): the type is unknown, or its params are wrong.
        ConversationNotFound (404): `thread_id` is none that a conversation can have.
        UnsupportedRequest (422): a type that is not served, whatever its params are.
    """
    kind = members["type"]
    model = _MODELS.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise invalid("/type", "must be the type of a request of the ChatKit protocol")
    if model in _NOT_SERVED:
        raise UnsupportedRequest()
    without_thread = model is ThreadsCustomActionReq and _has_no_thread(members)
    _check_limit(members.get("params"))
    try:
        request = model.model_validate(_with_some_thread(members) if without_thread else members)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        raise _wrong(details) from None
    if without_thread and isinstance(request, ThreadsCustomActionReq):
        return read_action(None, request.params.action.type, request.params.action.payload)
    return _served(request)


def _has_no_thread(members: Mapping[str, Any]) -> bool:
    """Whether a thread is named, and is null: who has no conversation yet may click too."""
    params = members.get("params")
    return isinstance(params, dict) and "thread_id" in params and params["thread_id"] is None


def _with_some_thread(members: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**members, "params": {**members["params"], "thread_id": ""}}


def identifier(value: str, pointer: str) -> UUID:
    """One of our ids, in the contract's spelling. Raises: InvalidRequest (422)."""
    if not _UUID.fullmatch(value):
        raise invalid(pointer, "must be a UUID")
    return UUID(value)


def thread_of(thread_id: str) -> UUID:
    """The conversation that is meant. Raises: ConversationNotFound (404): it can be none."""
    if not _UUID.fullmatch(thread_id):
        raise ConversationNotFound()
    return UUID(thread_id)


def invalid(pointer: str, message: str) -> InvalidRequest:
    """What is answered to a wrong field. Args: pointer: RFC 6901, of names of the protocol only."""
    return InvalidRequest(
        "Some fields are missing or wrong.", errors=[{"pointer": pointer, "message": message}]
    )


def _served(request: BaseReq) -> ChatKitRequest:
    match request:
        case ThreadsCreateReq(params=params):
            return Say(None, _message(params.input))
        case ThreadsAddUserMessageReq(params=params):
            return Say(thread_of(params.thread_id), _message(params.input))
        case ThreadsRetryAfterItemReq(params=params):
            return RetryAfter(
                thread_of(params.thread_id),
                identifier(params.item_id, "/params/item_id"),
            )
        case ThreadsCustomActionReq(params=params):
            conversation_id = thread_of(params.thread_id)
            return read_action(conversation_id, params.action.type, params.action.payload)
        case (
            ThreadsGetByIdReq()
            | ThreadsListReq()
            | ThreadsUpdateReq()
            | ThreadsDeleteReq()
            | ItemsListReq()
            | ItemsFeedbackReq()
        ):
            return request
        case _:
            raise UnsupportedRequest()


def _check_limit(params: object) -> None:
    """The library takes "5" and true for numbers; 5.0 is one. Raises: InvalidRequest (422)."""
    limit = params.get("limit") if isinstance(params, dict) else None
    if limit is not None and type(limit) not in (int, float):
        raise invalid("/params/limit", "must be an integer")


def _message(said: UserMessageInput) -> str:
    """The text of the parts, tags too, after what it quotes. Raises: InvalidRequest (422)."""
    if said.attachments:
        raise invalid("/params/input/attachments", "must be empty: files are not taken")
    pointer = f"{_CONTENT}/0/text" if len(said.content) == 1 else _CONTENT
    text = _acceptable("".join(part.text for part in said.content), pointer)
    quoted = _quoted(said.quoted_text)
    return _acceptable(f"{quoted}{text}", _CONTENT) if quoted else text


def _acceptable(text: str, pointer: str) -> str:
    try:
        return _MESSAGE.validate_python(text)
    except ValidationError as error:
        raise invalid(pointer, error.errors()[0]["msg"]) from None


def _quoted(text: str | None) -> str:
    """As a quotation in Markdown, with the blank line that ends it; empty: there is none."""
    quoted = (text or "").strip()
    pointer = "/params/input/quoted_text"
    if len(quoted) > MAX_QUOTED_LENGTH:
        raise invalid(pointer, f"must have at most {MAX_QUOTED_LENGTH} characters")
    if reason := complaint(quoted):
        raise invalid(pointer, reason)
    lines = (f"> {line}".rstrip() for line in quoted.splitlines())
    return "\n".join(lines) + "\n\n" if quoted else ""


def _wrong(details: Sequence[ErrorDetails]) -> InvalidRequest:
    errors = [_field_error(detail) for detail in details[:MAX_ERRORS]]
    return InvalidRequest("Some fields are missing or wrong.", errors=errors)


def _field_error(detail: ErrorDetails) -> FieldError:
    """Point at a field by the protocol's names. What was sent is not told, its `type` neither."""
    path: list[str] = []
    for part in detail["loc"]:
        # Between a part's position and its member stands which kind of part it was read as.
        if part in _PARTS and path and path[-1].isdecimal():
            continue
        path.append(str(part))
    if detail["type"].startswith("union_tag"):
        return {
            "pointer": f"/{'/'.join(path)}/type",
            "message": f"must be one of {', '.join(sorted(_PARTS))}",
        }
    return {"pointer": f"/{'/'.join(path)}", "message": detail["msg"]}
