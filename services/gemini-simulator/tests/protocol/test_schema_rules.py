"""Which tool schemas are refused: those that are not flat."""

import pytest
from gemini_simulator.protocol.errors import InvalidArgument
from gemini_simulator.protocol.requests import Function, Tool
from gemini_simulator.protocol.schema_rules import check_tools
from pydantic import JsonValue


def tool(schema: dict[str, JsonValue] | None, name: str = "add_task") -> Tool:
    return Tool(function=Function(name=name, parameters=schema))


def with_property(schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {"type": "object", "properties": {"value": schema}}


REFUSED: dict[str, tuple[dict[str, JsonValue], str]] = {
    "additionalProperties": (
        {"type": "object", "properties": {}, "additionalProperties": False},
        "Unknown name \"additionalProperties\" at 'tools[0].function_declarations[0].parameters'",
    ),
    "$schema": ({"type": "object", "$schema": "x"}, 'Unknown name "$schema"'),
    "$defs": ({"type": "object", "$defs": {}}, 'Unknown name "$defs"'),
    "$ref": (with_property({"$ref": "#/$defs/Status"}), 'Unknown name "$ref"'),
    "const": (with_property({"type": "string", "const": "all"}), 'Unknown name "const"'),
    "anyOf": (
        with_property({"anyOf": [{"type": "string"}, {"type": "null"}]}),
        'Unknown name "anyOf" at \'tools[0].function_declarations[0].parameters.'
        "properties[0].value'",
    ),
    "oneOf": (with_property({"oneOf": [{"type": "string"}]}), 'Unknown name "oneOf"'),
    "allOf": (with_property({"allOf": [{"type": "string"}]}), 'Unknown name "allOf"'),
    "type as a list": (
        with_property({"type": ["string", "null"]}),
        "Proto field is not repeating, cannot start list.",
    ),
    "null type": (with_property({"type": "null"}), "(Type)"),
    "no type": (with_property({"description": "x"}), ".type: must be specified"),
    "uuid format": (
        with_property({"type": "string", "format": "uuid"}),
        "only 'enum' and 'date-time' are supported for STRING type",
    ),
    "enum of numbers": (with_property({"type": "integer", "enum": [1, 2]}), "(TYPE_STRING), 1"),
    "exclusiveMinimum": (
        with_property({"type": "integer", "exclusiveMinimum": 0}),
        'Unknown name "exclusiveMinimum"',
    ),
    "array without items": (with_property({"type": "array"}), ".items: missing field"),
    "nested in items": (
        with_property({"type": "array", "items": {"type": "object", "const": 1}}),
        "properties[0].value.items",
    ),
    "required that is not there": (
        {"type": "object", "properties": {}, "required": ["title"]},
        "required[0]: property is not defined",
    ),
}


@pytest.mark.parametrize(("schema", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_schema_is_refused_with_geminis_words(schema: dict[str, JsonValue], message: str) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        check_tools([tool(schema)])
    assert message in refusal.value.message
    assert refusal.value.status == 400


@pytest.mark.parametrize("name", ["", "1task", "add task", "a" * 65, "tâche"])
def test_function_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidArgument, match="Invalid function name"):
        check_tools([tool(None, name)])


def test_same_name_twice_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="Duplicate function declaration found: add_task"):
        check_tools([tool(None), tool(None)])


def test_every_violation_is_named() -> None:
    schema: dict[str, JsonValue] = {"type": "object", "$defs": {}, "additionalProperties": True}
    with pytest.raises(InvalidArgument) as refusal:
        check_tools([tool(schema), tool(schema, "list_tasks")])
    assert refusal.value.message.count("Unknown name") == 4
    assert "function_declarations[1]" in refusal.value.message


def test_flat_schema_is_accepted() -> None:
    flat: dict[str, JsonValue] = {
        "type": "object",
        "properties": {
            "title": {"type": "string", "minLength": 1, "maxLength": 200, "description": "x"},
            "status": {"type": "string", "enum": ["all", "pending"], "default": "all"},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100},
            "urgent": {"type": "boolean", "nullable": True},
        },
        "required": ["title"],
    }
    check_tools([tool(flat), tool(None, "ping")])
