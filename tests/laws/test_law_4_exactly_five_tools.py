"""Law 4. Exactly five tools. Each is stateless, takes explicit parameters (`user_id` among them),
does one thing and returns structured output.

Asked of the running server by an ordinary MCP client. The schemas are written out without the words
for the model, which may change without breaking anybody.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from devstack.stack import Stack
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport
from inline_snapshot import snapshot
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # ships no types

from tests.equipment.chat import User, answer, say
from tests.equipment.documents import CONTRACT, rows, section
from tests.equipment.simulator import Simulator, text
from tests.equipment.tools import call_tool

FIVE = ["add_task", "complete_task", "delete_task", "list_tasks", "update_task"]


def an_object(**properties: object) -> dict[str, object]:
    """The schema of an object all of whose members are required."""
    return {"type": "object", "properties": properties, "required": list(properties)}


TEXT_OR_NULL = {"anyOf": [{"type": "string"}, {"type": "null"}]}
TIME = {"type": "string", "format": "date-time"}
TASK = an_object(
    id={"type": "string", "format": "uuid"},
    title={"type": "string"},
    description=TEXT_OR_NULL,
    completed={"type": "boolean"},
    created_at=TIME,
    updated_at=TIME,
)


def ordinary_client(stack: Stack, user: User) -> Client[StreamableHttpTransport]:
    """FastMCP's own client: nothing of it is ours."""
    return Client(StreamableHttpTransport(f"{stack.urls.tools}/mcp", auth=user.token))


def without_words(schema: Any) -> Any:
    """A schema without descriptions, its references put in their place."""
    return _plain(schema, schema.get("$defs", {}))


def _plain(schema: Any, defined: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_plain(one, defined) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _plain(defined[schema["$ref"].removeprefix("#/$defs/")], defined)
    return {
        name: {member: _plain(one, defined) for member, one in value.items()}
        if name == "properties"
        else _plain(value, defined)
        for name, value in schema.items()
        if name not in {"$defs", "description", "title"}
    }


async def test_tools_and_their_parameters(stack: Stack, shared_user: User) -> None:
    async with ordinary_client(stack, shared_user) as client:
        tools = await client.list_tools()

    assert {tool.name: without_words(tool.input_schema) for tool in tools} == snapshot(
        {
            "add_task": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "user_id": {"type": "string"},
                    "title": {"maxLength": 200, "minLength": 1, "type": "string"},
                    "description": {"maxLength": 2000, "type": "string"},
                },
                "required": ["user_id", "title"],
            },
            "list_tasks": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "user_id": {"type": "string"},
                    "status": {
                        "default": "all",
                        "enum": ["all", "pending", "completed"],
                        "type": "string",
                    },
                    "query": {"maxLength": 200, "type": "string"},
                    "limit": {"default": 50, "maximum": 100, "minimum": 1, "type": "integer"},
                    "cursor": {"maxLength": 100, "type": "string"},
                },
                "required": ["user_id"],
            },
            "complete_task": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"user_id": {"type": "string"}, "task_id": {"type": "string"}},
                "required": ["user_id", "task_id"],
            },
            "delete_task": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"user_id": {"type": "string"}, "task_id": {"type": "string"}},
                "required": ["user_id", "task_id"],
            },
            "update_task": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "user_id": {"type": "string"},
                    "task_id": {"type": "string"},
                    "title": {"maxLength": 200, "minLength": 1, "type": "string"},
                    "description": {"maxLength": 2000, "type": "string"},
                    "completed": {"type": "boolean"},
                },
                "required": ["user_id", "task_id"],
            },
        }
    )


async def test_tools_and_their_output(stack: Stack, shared_user: User) -> None:
    async with ordinary_client(stack, shared_user) as client:
        tools = await client.list_tools()

    assert {tool.name: without_words(tool.output_schema) for tool in tools} == {
        "add_task": an_object(task=TASK),
        "complete_task": an_object(task=TASK),
        "delete_task": an_object(deleted=TASK),
        "list_tasks": an_object(
            tasks={"type": "array", "items": TASK},
            total={"type": "integer"},
            next_cursor=TEXT_OR_NULL,
        ),
        "update_task": an_object(task=TASK),
    }


async def test_every_tool_and_parameter_is_described_to_the_model(
    stack: Stack, shared_user: User
) -> None:
    async with ordinary_client(stack, shared_user) as client:
        tools = await client.list_tools()

    for tool in tools:
        assert tool.description
        for name, parameter in tool.input_schema["properties"].items():
            assert parameter.get("description"), f"{tool.name}.{name}"


async def test_server_offers_nothing_but_tools(stack: Stack, shared_user: User) -> None:
    async with ordinary_client(stack, shared_user) as client:
        assert await client.list_resources() == []
        assert await client.list_resource_templates() == []
        assert await client.list_prompts() == []


@pytest.mark.parametrize(
    "name", ["", "add_tasks", "ADD_TASK", "delete_all_tasks", "../add_task", "x" * 99]
)
async def test_there_is_no_sixth_tool(stack: Stack, alice: User, name: str) -> None:
    refused = await call_tool(stack.urls.tools, alice.token, name, {"user_id": str(alice.user_id)})

    assert refused.code == "invalid_arguments"


async def test_output_is_structured_as_its_schema_says(stack: Stack, alice: User) -> None:
    me = {"user_id": str(alice.user_id)}
    async with ordinary_client(stack, alice) as client:
        schemas = {tool.name: tool.output_schema for tool in await client.list_tools()}
        added = await client.call_tool("add_task", {**me, "title": "milk"})
        task = {"task_id": added.structured_content["task"]["id"]}
        outputs = {
            "add_task": added,
            "list_tasks": await client.call_tool("list_tasks", me),
            "update_task": await client.call_tool("update_task", {**me, **task, "title": "oats"}),
            "complete_task": await client.call_tool("complete_task", {**me, **task}),
            "delete_task": await client.call_tool("delete_task", {**me, **task}),
        }

    assert sorted(outputs) == sorted(schemas) == FIVE
    for name, output in outputs.items():
        Draft202012Validator(schemas[name]).validate(output.structured_content)


async def test_model_is_shown_these_five_without_the_user(
    stack: Stack, simulator: Simulator, alice: User
) -> None:
    said = f"hello {uuid4()}"
    await simulator.script(said, text("Hello."))
    answer(await say(stack.urls.gateway, alice, said))

    (request,) = await simulator.asked(said)

    shown = {tool["function"]["name"]: tool["function"]["parameters"] for tool in request["tools"]}
    assert sorted(shown) == FIVE
    assert {name: sorted(schema["properties"]) for name, schema in shown.items()} == {
        "add_task": ["description", "title"],
        "complete_task": ["task_id"],
        "delete_task": ["task_id"],
        "list_tasks": ["cursor", "limit", "query", "status"],
        "update_task": ["completed", "description", "task_id", "title"],
    }


def test_contract_names_these_five_and_their_parameters() -> None:
    table = {
        name.strip("`"): parameters
        for name, parameters, _ in (
            row
            for row in rows(section(CONTRACT, "Tools"))
            if row[0].endswith("_task`") or row[0].endswith("_tasks`")
        )
    }

    assert sorted(table) == FIVE
    assert all("`user_id`" in parameters for parameters in table.values())
