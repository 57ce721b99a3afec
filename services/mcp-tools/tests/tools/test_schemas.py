"""What a model is told of the five tools. Law 4; docs/contract.md "Tools"."""

from typing import Any

import pytest
from mcp_tools.tools.registry import TOOLS, TOOLS_VERSION

from ..caller import Caller

# Gemini over the OpenAI protocol takes these and no others (docs/pitfalls.md).
# `user_id` and `additionalProperties` are what the gateway takes away.
TAKEN_BY_GEMINI = {"type", "description", "enum", "default", "minimum", "maximum"} | {
    "minLength",
    "maxLength",
}

USER_ID = {"type": "string"}
TASK_ID = {"type": "string"}
TITLE = {"type": "string", "minLength": 1, "maxLength": 200}
DESCRIPTION = {"type": "string", "maxLength": 2000}
COMPLETED = {"type": "boolean"}

INPUTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "add_task": (
        {"user_id": USER_ID, "title": TITLE, "description": DESCRIPTION},
        ["user_id", "title"],
    ),
    "list_tasks": (
        {
            "user_id": USER_ID,
            "status": {
                "type": "string",
                "enum": ["all", "pending", "completed"],
                "default": "all",
            },
            "query": {"type": "string", "maxLength": 200},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
            "cursor": {"type": "string", "maxLength": 100},
        },
        ["user_id"],
    ),
    "complete_task": ({"user_id": USER_ID, "task_id": TASK_ID}, ["user_id", "task_id"]),
    "delete_task": ({"user_id": USER_ID, "task_id": TASK_ID}, ["user_id", "task_id"]),
    "update_task": (
        {
            "user_id": USER_ID,
            "task_id": TASK_ID,
            "title": TITLE,
            "description": DESCRIPTION,
            "completed": COMPLETED,
        },
        ["user_id", "task_id"],
    ),
}

TASK = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "title": {"type": "string"},
        "description": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "completed": {"type": "boolean"},
        "created_at": {"type": "string", "format": "date-time"},
        "updated_at": {"type": "string", "format": "date-time"},
    },
    "required": ["id", "title", "description", "completed", "created_at", "updated_at"],
}
PAGE = {
    "tasks": {"type": "array", "items": TASK},
    "total": {"type": "integer"},
    "next_cursor": {"anyOf": [{"type": "string"}, {"type": "null"}]},
}
OUTPUTS: dict[str, dict[str, Any]] = {
    "add_task": {"type": "object", "properties": {"task": TASK}, "required": ["task"]},
    "list_tasks": {
        "type": "object",
        "properties": PAGE,
        "required": ["tasks", "total", "next_cursor"],
    },
    "complete_task": {"type": "object", "properties": {"task": TASK}, "required": ["task"]},
    "delete_task": {"type": "object", "properties": {"deleted": TASK}, "required": ["deleted"]},
    "update_task": {"type": "object", "properties": {"task": TASK}, "required": ["task"]},
}


def without_words(schema: Any) -> Any:
    """A schema without the descriptions of its properties."""
    if isinstance(schema, list):
        return [without_words(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: without_words(value)
        for name, value in schema.items()
        if not (name == "description" and isinstance(value, str))
    }


async def told(caller: Caller) -> dict[str, dict[str, Any]]:
    return {tool["name"]: tool for tool in (await caller.list_tools())["tools"]}


async def test_there_are_exactly_five_tools(caller: Caller) -> None:
    assert list(await told(caller)) == list(INPUTS)


@pytest.mark.parametrize("name", INPUTS)
async def test_parameters_are_the_contracts(caller: Caller, name: str) -> None:
    properties, required = INPUTS[name]

    schema = (await told(caller))[name]["inputSchema"]

    assert without_words(schema) == {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


@pytest.mark.parametrize("name", INPUTS)
async def test_parameters_are_flat_enough_for_gemini(caller: Caller, name: str) -> None:
    schema = (await told(caller))[name]["inputSchema"]

    for parameter in schema["properties"].values():
        assert parameter.keys() <= TAKEN_BY_GEMINI
        assert isinstance(parameter["type"], str)
        assert parameter["description"]


@pytest.mark.parametrize("name", OUTPUTS)
async def test_output_schema_is_explicit_and_without_references(caller: Caller, name: str) -> None:
    assert without_words((await told(caller))[name]["outputSchema"]) == OUTPUTS[name]


@pytest.mark.parametrize("name", INPUTS)
async def test_words_say_when_to_use_it_what_comes_back_and_what_to_do_next(
    caller: Caller, name: str
) -> None:
    words = (await told(caller))[name]["description"]

    assert "Use it" in words
    assert "Returns" in words
    assert any(next_step in words for next_step in ("Then tell", "call again", "call list_tasks"))
    assert "  " not in words and "\n" not in words


async def test_hints_tell_clients_what_is_dangerous(caller: Caller) -> None:
    hints = {name: tool["annotations"] for name, tool in (await told(caller)).items()}

    assert [name for name, hint in hints.items() if hint.get("readOnlyHint")] == ["list_tasks"]
    destructive = [name for name, hint in hints.items() if hint.get("destructiveHint")]
    assert destructive == ["delete_task", "update_task"]


async def test_list_and_calls_tell_the_same_version(caller: Caller) -> None:
    listed = (await caller.list_tools())["_meta"]["taskchat/tools-version"]
    called = (await caller.call("list_tasks")).meta["taskchat/tools-version"]
    failed = (await caller.call("no_such_tool")).meta["taskchat/tools-version"]

    assert listed == called == failed == TOOLS_VERSION


async def test_what_is_listed_is_what_the_version_counts(caller: Caller) -> None:
    for name, tool in (await told(caller)).items():
        assert tool["description"] == TOOLS[name].description
        assert tool["outputSchema"] == TOOLS[name].output_schema
