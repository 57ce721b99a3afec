"""What a person does without saying it: `threads.custom_action` → one tool call, or a stop.

Each action is one tool; which, its client has said, not a sentence. What the arguments must be is
the tool's to judge: here they only need to be some that it knows, and storable.
Source: contract.md "The ChatKit body"; ADR 0026.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, NamedTuple, TypeVar
from uuid import UUID

from chatkit.types import (
    ClientEffectEvent,
    ErrorEvent,
    StreamOptions,
    StreamOptionsEvent,
    ThreadStreamEvent,
)
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from servicekit.text import storable

from chat_gateway.actions.clicks import ClickAnswer
from chat_gateway.chatkit.tasks import words_for_person
from chat_gateway.errors import FieldError, InvalidRequest

STOP: Final = "turn.stop"
_PAYLOAD: Final = "/params/action/payload"
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MAX_TEXT_LENGTH: Final = 2_500
"""Characters; more than any tool takes, and few enough that four texts, every character of them
escaped, are no more than mcp-tools reads of one call (65,536 bytes)."""


def _storable(text: str) -> str:
    if storable(text) != text:
        raise PydanticCustomError("text", "must not hold a NUL character")
    return text


_Text = Annotated[
    StrictStr,
    Field(max_length=MAX_TEXT_LENGTH, json_schema_extra={"pattern": "^[^\\u0000]*$"}),
    AfterValidator(_storable),
]
#: What JSON has beyond it, no tool takes and not every reader of JSON can read.
_Number = (
    Annotated[StrictInt, Field(ge=-(2**63), lt=2**63)]
    | Annotated[StrictFloat, Field(allow_inf_nan=False)]
)


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_P = TypeVar("_P", bound=_Payload)


class _List(_Payload):
    status: _Text | None = None
    query: _Text | None = None
    limit: _Number | _Text | None = None
    cursor: _Text | None = None


class _Add(_Payload):
    title: _Text
    description: _Text | None = None


class _Named(_Payload):
    task_id: _Text


class _Update(_Named):
    title: _Text | None = None
    description: _Text | None = None
    completed: StrictBool | None = None


class _Turn(_Payload):
    turn_id: StrictStr = Field(json_schema_extra={"format": "uuid"})


class _Tool(NamedTuple):
    """name: of the tool. payload: what the action has. always: what it means beside that."""

    name: str
    payload: type[_Payload]
    always: Mapping[str, JsonValue] = {}


_ACTIONS: Final[Mapping[str, _Tool]] = {
    "tasks.list": _Tool("list_tasks", _List),
    "tasks.add": _Tool("add_task", _Add),
    "tasks.complete": _Tool("complete_task", _Named),
    "tasks.reopen": _Tool("update_task", _Named, {"completed": False}),
    "tasks.update": _Tool("update_task", _Update),
    "tasks.delete": _Tool("delete_task", _Named),
}
ACTIONS: Final = (*_ACTIONS, STOP)
PAYLOADS: Final[Mapping[str, Mapping[str, JsonValue]]] = {
    name: tool.payload.model_json_schema() for name, tool in _ACTIONS.items()
} | {STOP: _Turn.model_json_schema()}
"""The JSON schema of each action's payload."""


@dataclass(frozen=True, slots=True)
class Click:
    """A tool call. conversation_id: None: it is about none."""

    conversation_id: UUID | None
    action: str
    tool: str
    arguments: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a turn of this conversation."""

    conversation_id: UUID
    turn_id: UUID


def read_action(conversation_id: UUID | None, action: str, payload: object) -> Click | Stop:
    """Tell what an action of the protocol asks for.

    Args: payload: any JSON value; None and no members are the same.
    Raises: InvalidRequest (422): there is no such action, or it has other members.
    """
    if action == STOP:
        if conversation_id is None:
            raise _refused("/params/thread_id", "must be the conversation of the turn")
        turn_id = _read(_Turn, payload).turn_id
        if not _UUID.fullmatch(turn_id):
            raise _refused(f"{_PAYLOAD}/turn_id", "must be a UUID")
        return Stop(conversation_id, UUID(turn_id))
    tool = _ACTIONS.get(action)
    if tool is None:
        raise _refused("/params/action/type", f"must be one of {', '.join(ACTIONS)}")
    arguments = _read(tool.payload, payload).model_dump(exclude_unset=True)
    return Click(conversation_id, action, tool.name, {**arguments, **tool.always})


def click_events(body: str) -> Sequence[ThreadStreamEvent]:
    """What is told of a click. Args: body: as it is stored. There are no items of it."""
    call = ClickAnswer.model_validate_json(body).tool_call
    told: dict[str, JsonValue] = {
        "id": call["id"],
        "tool": call["name"],
        "arguments": call["arguments"],
        "output": call["output"],
    }
    error = call["error"]
    if error is None:
        return [_NO_STOP, ClientEffectEvent(name="tool_result", data=told)]
    return [
        _NO_STOP,
        ClientEffectEvent(name="tool_result", data={**told, "error": error}),
        ErrorEvent(code="custom", message=words_for_person(error), allow_retry=False),
    ]


def stop_events(turn_id: UUID, *, stopped: bool) -> Sequence[ThreadStreamEvent]:
    """What is told of a stop. Args: stopped: False: the turn was over before."""
    data = {"turn_id": str(turn_id), "stopped": stopped}
    return [_NO_STOP, ClientEffectEvent(name="turn_stopped", data=data)]


_NO_STOP: Final = StreamOptionsEvent(stream_options=StreamOptions(allow_cancel=False))


def _read(model: type[_P], payload: object) -> _P:
    try:
        return model.model_validate({} if payload is None else payload)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        raise InvalidRequest(
            "Some fields are missing or wrong.", errors=_field_errors(details, model)
        ) from None


def _field_errors(details: Sequence[ErrorDetails], model: type[_Payload]) -> list[FieldError]:
    """Point at members that the action has; of others only the first is told, without its name."""
    found: dict[str, str] = {}
    for detail in details:
        name = str(detail["loc"][0]) if detail["loc"] else ""
        known = name in model.model_fields
        pointer = f"{_PAYLOAD}/{name}" if known else _PAYLOAD
        message = detail["msg"]
        if name and not known:
            message = f"may have no members but {', '.join(model.model_fields)}"
        found.setdefault(pointer, message)
    return [{"pointer": pointer, "message": message} for pointer, message in found.items()]


def _refused(pointer: str, message: str) -> InvalidRequest:
    return InvalidRequest(
        "Some fields are missing or wrong.", errors=[{"pointer": pointer, "message": message}]
    )
