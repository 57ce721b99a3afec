"""The body of a request: from the Agents SDK's items and tools to chat messages. No member is null.

Public reports say that Gemini's endpoint refuses null members (langchain-ai/langchain#30803,
lastmile-ai/mcp-agent#121, github/copilot-sdk#2061), so what is empty is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from agents import FunctionTool, Tool
from agents.items import TResponseInputItem

FOREIGN_SIGNATURE: Final = {"google": {"thought_signature": "skip_thought_signature_validator"}}
"""In the place of a signature that another model gave, which Gemini refuses as corrupted.
Source: ai.google.dev/gemini-api/docs/thought-signatures, "FAQs"."""

Message = dict[str, Any]


def request_body(
    model: str,
    instructions: str | None,
    items: str | Sequence[TResponseInputItem],
    tools: Iterable[Tool],
    settings: Mapping[str, object],
) -> dict[str, Any]:
    """Write a request.

    Args: tools: the body has no such member if there are none. settings: more members of it.
    """
    messages: list[Message] = []
    if instructions:
        messages.append({"role": "system", "content": instructions})
    given = [{"role": "user", "content": items}] if isinstance(items, str) else items
    for item in given:
        _add(messages, item, model)
    body: dict[str, Any] = {"model": model, "messages": messages, **settings}
    declared = [_declaration(tool) for tool in tools if isinstance(tool, FunctionTool)]
    if declared:
        body["tools"] = declared
    return body


def _declaration(tool: FunctionTool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description}
    return {"type": "function", "function": {**function, "parameters": tool.params_json_schema}}


def _add(messages: list[Message], item: Mapping[str, Any], model: str) -> None:
    """Add an item; the text and the calls of one answer of the model are one message."""
    match item.get("type", "message"):
        case "function_call":
            message = _answer_under_way(messages)
            calls = message.setdefault("tool_calls", [])
            calls.append(_call(item, model, is_first=not calls))
        case "function_call_output":
            content = item["output"]
            messages.append({"role": "tool", "tool_call_id": item["call_id"], "content": content})
        case "message" if item["role"] == "assistant" and not isinstance(item["content"], str):
            text = "".join(part.get("text", "") for part in item["content"])
            message = {"role": "assistant", "content": text}
            messages.append({**message, **_signed(item, model)})
        case "message":
            messages.append({"role": item["role"], "content": item["content"]})


def _answer_under_way(messages: list[Message]) -> Message:
    """The message that a call belongs to: that of the calls, or the text, right before it."""
    if not messages or messages[-1]["role"] != "assistant":
        messages.append({"role": "assistant"})
    return messages[-1]


def _call(item: Mapping[str, Any], model: str, *, is_first: bool) -> dict[str, Any]:
    name = (item.get("provider_data") or {}).get("name") or item["name"]
    call = {
        "id": item["call_id"],
        "type": "function",
        "function": {"name": name, "arguments": item["arguments"]},
    }
    if not _is_foreign(item, model):
        return {**call, **_signed(item, model)}
    # The first call of an answer must be signed; the others have none.
    return {**call, "extra_content": FOREIGN_SIGNATURE} if is_first else call


def _signed(item: Mapping[str, Any], model: str) -> Mapping[str, Any]:
    data = item.get("provider_data") or {}
    if _is_foreign(item, model):
        return {}
    if "signed" in data:
        return dict(data["signed"])
    # Recorded by an earlier revision, in the SDK's own spelling.
    signature = data.get("thought_signature")
    return {"extra_content": {"google": {"thought_signature": signature}}} if signature else {}


def _is_foreign(item: Mapping[str, Any], model: str) -> bool:
    given_by = (item.get("provider_data") or {}).get("model")
    return given_by is not None and given_by != model
