"""A request as the language part sees it: what was said before, and what happened in this turn."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from gemini_simulator.protocol.requests import ChatRequest, Message, NamedToolChoice, Tool

JsonObject = dict[str, JsonValue]
NOTE = re.compile(r"\n*^\[(?:done|No answer was given): .*\]$", re.MULTILINE)
"""What the gateway notes in the assistant's place (ADR 0020): its titles were not said by us."""


@dataclass(frozen=True)
class Spoken:
    """An earlier message of the conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class Outcome:
    """A tool call of this turn and what came back.

    Args: result: the structured output, None when it failed; error: what went wrong, else None.
    """

    name: str
    arguments: JsonObject
    result: JsonObject | None
    error: str | None


@dataclass(frozen=True)
class Conversation:
    """Everything that decides the next step.

    Args: outcomes: calls of this turn in order; step: model calls of this turn so far;
        tools: offered tools and the names of their parameters; choice: the request's tool choice,
        a name when one tool is insisted on.
    """

    history: tuple[Spoken, ...]
    user_message: str
    outcomes: tuple[Outcome, ...]
    step: int
    tools: Mapping[str, frozenset[str]]
    choice: str = "auto"
    may_call_in_parallel: bool = True

    @classmethod
    def of(cls, request: ChatRequest) -> "Conversation":
        """Read a request that has passed the protocol's rules."""
        messages = request.messages
        last_user = max((i for i, m in enumerate(messages) if m.role == "user"), default=-1)
        turn = messages[last_user + 1 :]
        choice = request.tool_choice
        return cls(
            history=tuple(_spoken(messages[: max(0, last_user)])),
            user_message=messages[last_user].text if last_user >= 0 else "",
            outcomes=tuple(_outcomes(turn)),
            step=sum(1 for message in turn if message.tool_calls),
            tools={tool.function.name: _parameters(tool) for tool in request.tools or ()},
            choice=choice.function.name if isinstance(choice, NamedToolChoice) else choice,
            may_call_in_parallel=request.parallel_tool_calls is not False,
        )


def _spoken(messages: Sequence[Message]) -> list[Spoken]:
    spoken = []
    for message in messages:
        role: Literal["user", "assistant"] = "user" if message.role == "user" else "assistant"
        text = message.text if role == "user" else NOTE.sub("", message.text)
        if message.role in ("user", "assistant") and text:
            spoken.append(Spoken(role, text))
    return spoken


def _outcomes(turn: Sequence[Message]) -> list[Outcome]:
    results = {message.tool_call_id: message.text for message in turn if message.role == "tool"}
    outcomes = []
    for message in turn:
        for call in message.tool_calls or ():
            arguments = _json_object(call.function.arguments) or {}
            text = results.get(call.id, "")
            result = _json_object(text)
            error = _error_of(result, text)
            outcomes.append(
                Outcome(call.function.name, arguments, None if error else result, error)
            )
    return outcomes


def _parameters(tool: Tool) -> frozenset[str]:
    properties = (tool.function.parameters or {}).get("properties")
    return frozenset(properties) if isinstance(properties, dict) else frozenset()


def _json_object(text: str) -> JsonObject | None:
    """The object in a tool's output: bare, in an MCP text item, or in a list of those."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if (
        isinstance(value, dict)
        and value.get("type") == "text"
        and isinstance(value.get("text"), str)
    ):
        return _json_object(value["text"])
    return value if isinstance(value, dict) else None


def _error_of(result: JsonObject | None, text: str) -> str | None:
    if result is None:
        return text.strip() or "the tool gave no answer"
    error = result.get("error", result)
    if isinstance(error, dict) and isinstance(error.get("code"), str):
        return str(error.get("message") or error["code"])
    return error if isinstance(error, str) else None
