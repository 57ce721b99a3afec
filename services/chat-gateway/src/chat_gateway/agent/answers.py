"""Which answers of the model can be used, and how one is kept in the journal.

An answer that cannot be used is never recorded, so that a resumed turn asks afresh.
"""

from collections.abc import Collection
from typing import Final, cast

import orjson
from agents import ModelResponse
from agents.items import TResponseOutputItem
from agents.usage import Usage
from openai.types.responses import (
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputRefusal,
    ResponseOutputText,
    ResponseReasoningItem,
)
from pydantic import JsonValue

from chat_gateway.errors import ModelError
from chat_gateway.tools.schemas import HIDDEN
from chat_gateway.turns.journal import ModelStep, ToolCallRequest

MAX_CALLS_PER_ANSWER: Final = 32
"""More calls in one answer than anybody asks for: the model is stuck in a loop."""

_KINDS: Final[dict[str, type[TResponseOutputItem]]] = {
    "function_call": ResponseFunctionToolCall,
    "message": ResponseOutputMessage,
    "reasoning": ResponseReasoningItem,
}
"""All that the SDK's converter makes of a chat completion."""


class Nonsense(Exception):
    """The model's answer cannot be used. Args: reason: one of a few words, for the metric."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_text(response: ModelResponse) -> None:
    """Check an answer that asks for no tool.

    Raises: Nonsense: no text, or text that cannot be stored. ModelError (502): a refusal.
    """
    parts = [
        part
        for item in response.output
        if isinstance(item, ResponseOutputMessage)
        for part in item.content
    ]
    if any(isinstance(part, ResponseOutputRefusal) for part in parts):
        raise ModelError("The model refused to answer. Put the request in other words.")
    text = "".join(part.text for part in parts if isinstance(part, ResponseOutputText))
    if not text.strip():
        raise Nonsense("empty_answer")
    _check_storable(text)


def read_step(
    response: ModelResponse, *, index: int, first_ordinal: int, tool_names: Collection[str]
) -> ModelStep | None:
    """Make a step of an answer that asks for tools, and give each call an id of ours.

    The ids in `response` are changed to the new ones. The arguments in it stay as they are, since
    the model's signature covers them; only `user_id` is left out of the step's requests.

    Args: index: of the step. first_ordinal: of its first call. tool_names: that the model may call.
    Returns: None if the answer asks for no tool.
    Raises: Nonsense: an unknown tool, arguments that are not a JSON object, or what cannot be kept.
    """
    calls = [item for item in response.output if isinstance(item, ResponseFunctionToolCall)]
    if not calls:
        return None
    if len(calls) > MAX_CALLS_PER_ANSWER:
        raise Nonsense("too_many_calls")
    requests = []
    for ordinal, call in enumerate(calls, start=first_ordinal):
        if call.name not in tool_names:
            raise Nonsense("unknown_tool")
        call.call_id = f"call_{ordinal}"
        arguments = _arguments(call.arguments)
        arguments.pop(HIDDEN, None)
        requests.append(ToolCallRequest(ordinal, call.call_id, call.name, arguments))
    return ModelStep(index=index, response=_dump(response), calls=tuple(requests))


def replay(step: ModelStep) -> ModelResponse:
    """The answer as the model gave it, from its record."""
    items = cast(list[dict[str, JsonValue]], step.response["output"])
    return ModelResponse(
        output=[_KINDS[str(item["type"])].model_validate(item) for item in items],
        usage=Usage(),  # it was counted when it was spent
        response_id=None,
    )


def _arguments(text: str) -> dict[str, JsonValue]:
    try:
        arguments = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Nonsense("malformed_arguments") from None
    if not isinstance(arguments, dict):
        raise Nonsense("malformed_arguments")
    _check_storable(arguments)
    return arguments


def _dump(response: ModelResponse) -> dict[str, JsonValue]:
    output: list[JsonValue] = [
        item.model_dump(mode="json", exclude_none=True) for item in response.output
    ]
    _check_storable(output)
    return {"output": output}


def _check_storable(value: JsonValue) -> None:
    """Refuse what Postgres stores in neither text nor jsonb: NUL and half surrogate pairs."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text if "\0" in text or not _encodes(text):
                raise Nonsense("unstorable_text")
            case list() as items:
                waiting.extend(items)
            case dict() as members:
                waiting.extend(members)
                waiting.extend(members.values())


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
