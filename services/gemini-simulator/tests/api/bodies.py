"""Request bodies and what answers hold."""

from typing import Any

PATH = "/v1beta/openai/chat/completions"
MODEL = "gemini-flash-latest"


def tool(name: str, *strings: str, **others: str) -> dict[str, Any]:
    """A tool. Args: strings: its parameters that are strings. others: the types of the rest."""
    types = dict.fromkeys(strings, "string") | others
    properties = {parameter: {"type": type_} for parameter, type_ in types.items()}
    schema = {"type": "object", "properties": properties}
    return {"type": "function", "function": {"name": name, "parameters": schema}}


TOOLS = [
    tool("add_task", "title", "description"),
    tool("list_tasks", "status", "query", "cursor", limit="integer"),
    tool("complete_task", "task_id"),
    tool("delete_task", "task_id"),
    tool("update_task", "task_id", "title", "description", completed="boolean"),
]


def body(text: str, **members: Any) -> dict[str, Any]:
    """A request with one user message and all tools."""
    messages = [{"role": "user", "content": text}]
    return {"model": MODEL, "messages": messages, "tools": TOOLS, **members}


def calls(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The tool calls of a completion."""
    found: list[dict[str, Any]] = answer["choices"][0]["message"].get("tool_calls", [])
    return found


def next_request(request: dict[str, Any], answer: dict[str, Any], *results: str) -> dict[str, Any]:
    """The request after the tools of an answer have run."""
    message = answer["choices"][0]["message"]
    replies = [
        {"role": "tool", "tool_call_id": call["id"], "content": result}
        for call, result in zip(calls(answer), results, strict=True)
    ]
    return {**request, "messages": [*request["messages"], message, *replies]}
