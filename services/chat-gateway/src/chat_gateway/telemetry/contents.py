"""What people, model and tools said, as attributes of spans: nothing, unless it was switched on.

Tokens and keys are in none of it: they travel in headers, and no header is looked at here.
Source: github.com/open-telemetry/semantic-conventions-genai, "Recording content on attributes" and
gen-ai-input-messages.json; as JSON, because a span holds no structured values.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydantic import JsonValue

from chat_gateway.telemetry import genai

_ROLE_OF_ITEM: Final = {"function_call": "assistant", "function_call_output": "tool"}


@dataclass(frozen=True, slots=True)
class Contents:
    """Turns contents into attributes. captured: the switch; off, every method gives none."""

    captured: bool

    def asked(
        self, instructions: str | None, items: str | Iterable[Mapping[str, Any]]
    ) -> dict[str, str]:
        """What the model is shown. Args: items: as the Agents SDK gives them to a model."""
        if not self.captured:
            return {}
        given = [{"role": "user", "content": items}] if isinstance(items, str) else items
        attributes = {genai.INPUT_MESSAGES: _json(_messages(given))}
        if instructions:
            attributes[genai.SYSTEM_INSTRUCTIONS] = _json([_text(instructions)])
        return attributes

    def answered(
        self, items: Iterable[Mapping[str, Any]], finish_reasons: Sequence[str]
    ) -> dict[str, str]:
        """What the model said, as one message. Args: items: as the SDK makes them of an answer."""
        if not self.captured:
            return {}
        parts = [part for item in items for part in _parts(item)]
        finish = finish_reasons[0] if finish_reasons else "unknown"
        message = {"role": "assistant", "parts": parts, "finish_reason": finish}
        return {genai.OUTPUT_MESSAGES: _json([message])}

    def called(self, arguments: Mapping[str, JsonValue]) -> dict[str, str]:
        """What a tool is called with, as the model gave it."""
        return {genai.TOOL_CALL_ARGUMENTS: _json(arguments)} if self.captured else {}

    def returned(self, result: JsonValue) -> dict[str, str]:
        """What a tool call came to, as the model is told."""
        return {genai.TOOL_CALL_RESULT: _json(result)} if self.captured else {}


def _messages(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    messages = []
    for item in items:
        role = _ROLE_OF_ITEM.get(str(item.get("type"))) or item.get("role")
        if role is not None and (parts := _parts(item)):
            messages.append({"role": role, "parts": parts})
    return messages


def _parts(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An item in the conventions' words. Reasoning has none: Gemini shows only its signature."""
    match item.get("type", "message"):
        case "function_call":
            call = {"id": item["call_id"], "name": item["name"]}
            return [{"type": "tool_call", **call, "arguments": _parsed(item["arguments"])}]
        case "function_call_output":
            answer = {"id": item["call_id"], "response": _parsed(item["output"])}
            return [{"type": "tool_call_response", **answer}]
        case "message":
            content = item.get("content", "")
            if isinstance(content, str):
                return [_text(content)]
            return [_text(str(part.get("text") or part.get("refusal") or "")) for part in content]
    return []


def _text(content: str) -> dict[str, Any]:
    return {"type": "text", "content": content}


def _parsed(value: object) -> object:
    """Arguments and results travel as JSON in a string; a model may have broken it."""
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
