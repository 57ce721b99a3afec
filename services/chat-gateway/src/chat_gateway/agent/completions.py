"""Which answers of the model can be used, and how one is kept in the journal.

An answer that cannot be used is never recorded, so that a resumed turn asks afresh. What the model
merely got wrong, a name or the arguments of a call, is a call that fails: mcp-tools records it and
the model is told.
"""

import re
from collections.abc import Collection, Sequence
from typing import Any, Final, cast

import orjson
from agents import ModelResponse
from agents.items import TResponseOutputItem
from agents.usage import Usage
from openai.types.responses import (
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseReasoningItem,
)
from pydantic import JsonValue
from servicekit.text import is_visible, storable

from chat_gateway.agent.handles import TaskHandles
from chat_gateway.errors import ModelRefused
from chat_gateway.model.arguments import is_storable, read_arguments
from chat_gateway.model.call_as_text import is_call_as_text
from chat_gateway.model.completion import Completion, WantedCall
from chat_gateway.tools.owner import drop_owner
from chat_gateway.turns.journal import ModelStep, ToolCallRequest
from chat_gateway.turns.past_turns import without_notes

MAX_CALLS_PER_ANSWER: Final = 1000
"""More than anybody asks for: the model is stuck in a loop."""
UNREADABLE: Final = "arguments_that_are_no_json_object"
"""The member that stands for them in the record: every tool refuses it, by this name."""
_CONTRARY: Final = frozenset(
    {"undo", "not", "no", "never", "dont", "don", "cancel", "revert", "restore", "skip", "dryrun",
     "dry", "preview", "simulate", "without"}
)  # fmt: skip
"""Beside a tool's name they ask for something else than the tool does."""
REWRITTEN: Final = ""
"""In the place of the model that gave a call, where the call goes back in other words."""
_UNREADABLE_CHARACTERS: Final = 500
_MAX_NAME_CHARACTERS: Final = 64
_FILTERS: Final = (
    "content_filter", "safety", "recitation", "block", "prohibited", "spii", "language", "refusal",
    "sensitive", "moderation", "guardrail",
)  # fmt: skip
_CUT: Final = (
    "length", "max_tokens", "max_output_tokens", "context_window", "incomplete", "other", "error",
    "abort", "cancel", "timeout", "insufficient",
)  # fmt: skip
_MALFORMED: Final = (
    "malformed", "unexpected_tool_call", "too_many_tool_calls", "thought_signature",
    "tool_use_failed",
)  # fmt: skip
"""Parts of finish reasons; Gemini's own come in several spellings through its compatible endpoint,
e.g. `function_call_filter: MALFORMED_FUNCTION_CALL`. Source: ai.google.dev/api/generate-content
#FinishReason."""

_KINDS: Final[dict[str, type[TResponseOutputItem]]] = {
    "function_call": ResponseFunctionToolCall,
    "message": ResponseOutputMessage,
    "reasoning": ResponseReasoningItem,  # of earlier revisions' journals
}


class Nonsense(Exception):
    """The model's answer cannot be used. Args: reason: one of a few words, for the metric."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_answer(
    completion: Completion,
    model: str,
    *,
    index: int,
    first_ordinal: int,
    tool_names: Sequence[str],
    most_calls: int,
    handles: TaskHandles,
) -> tuple[ModelResponse, ModelStep | None]:
    """Make of a completion what the SDK takes and, if it asks for tools, what the journal keeps.

    Each call gets an id of ours. The arguments that go back to the model stay as they are, since
    its signature covers them; only `user_id` is left out of the step's requests.

    Args: model: that gave it. index: of the step. first_ordinal: of its first call. tool_names:
        that there are. most_calls: that may be run of this answer; those beyond are answered "not
        run" by the façade; 0: it must be text. handles: of the tasks that the model was shown; the
        step's requests have their ids.
    Raises: Nonsense: it cannot be used. ModelRefused (502).
    """
    _check_end(completion)
    if not completion.calls:
        _check_text(completion.text, tool_names)
        return _response([_message(completion, model)]), None
    if most_calls == 0:
        raise Nonsense("call_without_tools")
    if len(completion.calls) > MAX_CALLS_PER_ANSWER:
        raise Nonsense("too_many_calls")
    requests: list[ToolCallRequest] = []
    output: list[TResponseOutputItem] = []
    if completion.text.strip():
        output.append(_message(completion, model))
    for ordinal, call in enumerate(completion.calls, start=first_ordinal):
        name = known_name(call.name, tool_names)
        arguments = read_arguments(call.arguments)
        runs = len(requests) < most_calls
        call_id = f"call_{ordinal}" if runs else f"not_run_{index}_{ordinal - first_ordinal}"
        if runs:
            wanted = (
                _unreadable(call.arguments)
                if arguments is None
                else handles.ids(drop_owner(arguments))
            )
            asked = name or _wire_name(call.name)
            requests.append(ToolCallRequest(ordinal, call_id, asked, wanted))
        output.append(_function_call(call, call_id, name, arguments or {}, model, tool_names[0]))
    response = _response(output)
    step = ModelStep(index=index, response=_dump(response), calls=tuple(requests))
    return response, step


def text_response(text: str) -> ModelResponse:
    """An answer of words that are not the model's."""
    return _response([_text_item(text)])


def replay(step: ModelStep) -> ModelResponse:
    """The answer as the model gave it, from its record."""
    items = cast(list[dict[str, JsonValue]], step.response["output"])
    return _response([_KINDS[str(item["type"])].model_validate(item) for item in items])


def known_name(name: str, tool_names: Collection[str]) -> str | None:
    """Find the tool that a name can only mean: `default_api.add_task`, `add_task()`, `AddTask`.

    Returns: None: no tool, or more than one. Source: tya5/reyn#1992, tontinton/maki#518.
    """
    if name in tool_names:
        return name
    plain = {_plain(tool): tool for tool in tool_names}
    parts = re.split(r"[^0-9A-Za-z_-]+|__", name)
    if any(_plain(part) in _CONTRARY for part in parts):
        return None
    found = {plain[_plain(part)] for part in parts if _plain(part) in plain}
    return found.pop() if len(found) == 1 else None


def _plain(name: str) -> str:
    return re.sub(r"[_-]", "", name).lower()


def _check_end(completion: Completion) -> None:
    """Refuse what did not come to its own end: half a text or half a list of calls is neither."""
    reason = re.sub("[^a-z]+", "_", completion.finish_reason.lower())
    said_something = bool(completion.text.strip() or completion.calls)
    if completion.refused:
        raise ModelRefused()
    if any(part in reason for part in _FILTERS):
        if said_something:
            raise Nonsense("filtered_answer")
        raise ModelRefused()
    if any(part in reason for part in _CUT):
        raise Nonsense("cut_answer")
    if any(part in reason for part in _MALFORMED):
        raise Nonsense("malformed_call")


def _check_text(text: str, tool_names: Collection[str]) -> None:
    if not is_visible(without_notes(text)):
        raise Nonsense("empty_answer")
    if not is_storable(text):
        raise Nonsense("unstorable_text")
    if is_call_as_text(text, tool_names):
        raise Nonsense("call_as_text")


def _message(completion: Completion, model: str) -> TResponseOutputItem:
    if not is_storable(completion.text):
        raise Nonsense("unstorable_text")
    return _text_item(completion.text, **_provider_data(completion.signed, model))


def _text_item(text: str, **members: Any) -> ResponseOutputMessage:
    return ResponseOutputMessage(
        id="message",
        type="message",
        role="assistant",
        status="completed",
        content=[ResponseOutputText(type="output_text", text=text, annotations=[])],
        **members,
    )


def _function_call(
    call: WantedCall,
    call_id: str,
    name: str | None,
    arguments: dict[str, JsonValue],
    model: str,
    some_tool: str,
) -> TResponseOutputItem:
    """A call for the SDK, which lets none pass that its tools do not have.

    One of an unknown name therefore goes by `some_tool` there; which tool is called and with what,
    the façade reads in the journal, and the model gets its own words back.
    """
    sent_name = name or _wire_name(call.name)
    sent = _wire_arguments(call.arguments, arguments)
    # A signature is of the model's own words: with others in their place it would be refused.
    is_own = not call.signed or (sent_name, sent) == (call.name, call.arguments)
    return ResponseFunctionToolCall(
        type="function_call",
        call_id=call_id,
        name=name or some_tool,
        arguments=sent,
        **_provider_data(call.signed, model if is_own else REWRITTEN, name=sent_name),
    )


def _provider_data(signed: dict[str, JsonValue], model: str, **others: str) -> dict[str, Any]:
    """What messages.py sends back with an item. Members that the SDK's types do not name."""
    data: dict[str, JsonValue] = {"model": model, **others}
    if signed and is_storable(signed):
        data["signed"] = signed
    return {"provider_data": data}


def _wire_arguments(given: object, read: dict[str, JsonValue]) -> str:
    if isinstance(given, str):
        try:
            if orjson.loads(given) == read:
                return given
        except orjson.JSONDecodeError:
            pass
    return orjson.dumps(read).decode()


def _unreadable(given: object) -> dict[str, JsonValue]:
    text = given if isinstance(given, str) else repr(given)
    return {UNREADABLE: storable(text[:_UNREADABLE_CHARACTERS])}


def _wire_name(name: str) -> str:
    """A name of a function that the endpoint takes. Source: ai.google.dev/api/caching."""
    wire = re.sub(r"[^0-9A-Za-z_.-]", "_", name)
    return (wire if re.match("[A-Za-z_]", wire) else f"_{wire}")[:_MAX_NAME_CHARACTERS]


def _response(output: list[TResponseOutputItem]) -> ModelResponse:
    return ModelResponse(output=output, usage=Usage(), response_id=None)


def _dump(response: ModelResponse) -> dict[str, JsonValue]:
    output: list[JsonValue] = [
        item.model_dump(mode="json", exclude_none=True) for item in response.output
    ]
    return {"output": output}
