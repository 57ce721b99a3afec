"""A chat completion as it comes over the wire: what an answer needs of it, however odd the rest is.

Gemini leaves out what is zero or empty, gateways between add what they like. Only text, tool calls,
a refusal and the reason of the end make an answer; ids, usage, audio, logprobs and reasoning can
never break one. Sources of the shapes: googleapis/python-genai, BerriAI/litellm, vercel/ai and
dotnet/extensions issues, each with its test in `tests/agent/test_understood_calls.py`.
"""

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import orjson
from pydantic import JsonValue

_SIGNED_BY: Final = ("extra_content", "provider_specific_fields")
"""Members of a call or a message that hold thought signatures: Google's own, and LiteLLM's."""
_ARGUMENTS: Final = ("arguments", "parameters", "args", "input")
"""The first is the API's own member; the others are what gateways make of it."""
_STATUS_MEMBERS: Final = ("code", "status", "statusCode", "status_code")
_STATUS_OF_NAME: Final = {
    "RESOURCE_EXHAUSTED": 429,
    "UNAVAILABLE": 503,
    "INTERNAL": 500,
    "DEADLINE_EXCEEDED": 504,
    "CANCELLED": 499,
    "NOT_FOUND": 404,
    "PERMISSION_DENIED": 403,
    "UNAUTHENTICATED": 401,
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
}
"""Source: google.rpc.Code, as HTTP."""

_SHORT: Final = 128
"""Characters of what spans show."""

Members = Mapping[str, object]


class NoCompletion(Exception):
    """The body is no chat completion."""


class ErrorInside(Exception):
    """The body of a 200 is an error. Args: status: the one that the error stands for."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(f"HTTP {status} inside of 200")
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class WantedCall:
    """A tool call as the model wrote it. arguments: text, parsed JSON, or None where it has none.
    signed: the members that hold its thought signature, to be sent back as they are.
    """

    name: str
    arguments: object
    signed: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer of the model.

    text: "" where there is none. refused: the prompt was blocked, or the model declines in words.
    finish_reason, id, model: "" where the answer has none. Tokens: 0 where they are not told;
    output_tokens: thoughts included.
    """

    text: str
    calls: tuple[WantedCall, ...]
    refused: bool
    finish_reason: str
    signed: dict[str, JsonValue]
    id: str
    model: str
    input_tokens: int
    output_tokens: int


def read_completion(parsed: object) -> Completion:
    """Read a parsed body.

    Raises: NoCompletion: no answer can be found in it. ErrorInside: it is an error.
    """
    body, choice = checked(parsed)
    usage = members_of(body.get("usage")) or {}
    blocked = is_blocked(body)
    message = members_of(choice.get("message")) if choice else None
    finish_reason = _short(choice.get("finish_reason")) if choice else ""
    if message is None and not (blocked or finish_reason):
        raise NoCompletion
    message = message or {}
    return Completion(
        text=text_of(message.get("content")),
        calls=_calls(message),
        refused=blocked or _declines(message),
        finish_reason=finish_reason,
        signed=signatures(message),
        id=_short(body.get("id")),
        model=_short(body.get("model")),
        input_tokens=_count(usage.get("prompt_tokens")),
        output_tokens=_output(usage),
    )


def _output(usage: Members) -> int:
    """What was paid for besides the prompt: of Gemini's thoughts the total alone tells."""
    beside_prompt = _count(usage.get("total_tokens")) - _count(usage.get("prompt_tokens"))
    return max(_count(usage.get("completion_tokens")), beside_prompt)


def parsed_body(content: bytes) -> object:
    """The JSON of a body or of a piece; None where it is none."""
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return cast(object, orjson.loads(content))
    except orjson.JSONDecodeError:
        # Slower and more tolerant: of NaN among logprobs, say.
        try:
            return cast(object, json.loads(content))
        except (ValueError, RecursionError):
            return None


def checked(parsed: object) -> tuple[Members, Members | None]:
    """Take a body, or one piece of a streamed one, unless it is an error.

    Returns: it, and its first choice if it has one.
    Raises: NoCompletion: it is no object. ErrorInside.
    """
    if isinstance(parsed, list) and len(parsed) == 1:
        parsed = parsed[0]  # Gemini's endpoint wraps its errors so
    body = members_of(parsed)
    if body is None:
        raise NoCompletion
    choices = body.get("choices")
    choice = members_of(choices[0]) if isinstance(choices, list) and choices else None
    if error := _error(body, choice or {}):
        raise ErrorInside(_status(error), body)
    return body, choice


def is_blocked(body: Members) -> bool:
    """Whether the prompt was refused: then there is no answer at all."""
    feedback = members_of(body.get("prompt_feedback", body.get("promptFeedback"))) or {}
    return bool(feedback.get("block_reason", feedback.get("blockReason")))


def _calls(message: Members) -> tuple[WantedCall, ...]:
    wanted = message.get("tool_calls")
    if not wanted:
        # The name of this member before there were several calls in an answer.
        wanted = message.get("function_call")
    if not wanted:
        return ()
    calls = map(read_call, wanted if isinstance(wanted, list) else [wanted])
    # One that asks for nothing must not spoil those beside it.
    found = tuple(call for call in calls if call.name or call.arguments is not None)
    if not any(call.name for call in found):
        raise NoCompletion
    return found


def read_call(given: object) -> WantedCall:
    """A call, or one piece of a streamed one: whatever it has of a name and of arguments."""
    call = members_of(given) or {}
    function = (members_of(call["function"]) or {}) if "function" in call else call
    name = _text(function.get("name")).strip()
    arguments = next(
        (part[member] for part in (function, call) for member in _ARGUMENTS if part.get(member)),
        None,
    )
    return WantedCall(name, arguments, signatures(function) | signatures(call))


def signatures(members: Members) -> dict[str, JsonValue]:
    """The members of a message, a call or a piece of one that hold thought signatures."""
    found: dict[str, JsonValue] = {}
    for name in _SIGNED_BY:
        value = members.get(name)
        if isinstance(value, dict) and value:
            found[name] = value
    return found


def text_of(content: object) -> str:
    """The text of a message: a string, or parts, of which only text counts; a thought is none."""
    return "".join(map(_part, content if isinstance(content, list) else [content]))


def _declines(message: Members) -> bool:
    content = message.get("content")
    parts = [members_of(part) or {} for part in (content if isinstance(content, list) else [])]
    said = (_text(one.get("refusal")).strip() for one in (message, *parts))
    return any(said)


def _part(part: object) -> str:
    if not isinstance(part, dict):
        return _text(part)
    if part.get("thought") is True or (part.get("type") or "text") not in ("text", "output_text"):
        return ""
    text = part.get("text")
    return _text(text.get("value")) if isinstance(text, dict) else _text(text)


def _error(body: Members, choice: Members) -> object:
    """What says that there is no answer. Gateways in between spell it in many ways."""
    for error in (body.get("error"), choice.get("error")):
        if any(error.values()) if isinstance(error, dict) else error:
            return error
    if "choices" in body:
        return None
    says_so = any(member in body for member in ("message", "detail", *_STATUS_MEMBERS))
    return body.get("errors") or (body if says_so else None)


def _status(error: object) -> int:
    error = error[0] if isinstance(error, list) and error else error
    members = members_of(error) or {}
    members = members_of(members.get("error")) or members
    for code in map(members.get, _STATUS_MEMBERS):
        if isinstance(code, str) and re.fullmatch("[45][0-9][0-9]", code):
            return int(code)
        if isinstance(code, int | float) and 400 <= code <= 599:
            return int(code)
    return _STATUS_OF_NAME.get(_text(members.get("status")), 500)


def members_of(value: object) -> Members | None:
    """A JSON object, or None for anything else."""
    return value if isinstance(value, dict) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _short(value: object) -> str:
    """For spans, whose exporter fails at half a surrogate pair."""
    return _text(value)[:_SHORT].encode(errors="replace").decode()


def _count(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**53 else 0
