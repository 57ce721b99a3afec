"""Schemas that Gemini takes."""

from typing import Any

import pytest
from chat_gateway.model.gemini import flat_schema
from pydantic import JsonValue

from ..equipment.mcp_tools import TOOLS, tool

ALLOWED = {
    *("type", "description", "enum", "items", "properties", "required"),
    *("minimum", "maximum", "minLength", "maxLength"),
}


def members(schema: dict[str, Any]) -> set[str]:
    """Every member of a schema and of those in it; names of properties do not count."""
    found = set(schema)
    for inner in schema.get("properties", {}).values():
        found |= members(inner)
    if isinstance(schema.get("items"), dict):
        found |= members(schema["items"])
    return found


class TestFlatSchema:
    def test_a_union_of_two_types_is_refused(self) -> None:
        union: dict[str, JsonValue] = {"anyOf": [{"type": "string"}, {"type": "integer"}]}

        with pytest.raises(ValueError, match="several types"):
            flat_schema({"type": "object", "properties": {"a": union}})

    @pytest.mark.parametrize("name", TOOLS)
    def test_only_members_that_gemini_takes_are_left(self, name: str) -> None:
        assert members(flat_schema(tool(name)["inputSchema"])) <= ALLOWED

    def test_an_optional_value_is_its_type_and_not_required(self) -> None:
        flat = flat_schema(tool("add_task")["inputSchema"])

        assert isinstance(flat["properties"], dict)
        assert flat["properties"]["description"] == {"type": "string"}
        assert flat["required"] == ["user_id", "title"]

    def test_a_reference_is_followed_and_a_constant_becomes_a_choice(self) -> None:
        flat = flat_schema(
            {
                "type": "object",
                "properties": {
                    "status": {"$ref": "#/$defs/Status", "description": "Which ones."},
                    "kind": {"const": "task", "type": "string"},
                    "titles": {"type": "array", "items": {"type": "string", "title": "T"}},
                },
                "required": [],
                "$defs": {"Status": {"type": "string", "enum": ["all", "pending"], "title": "S"}},
            }
        )

        assert flat == {
            "type": "object",
            "properties": {
                "status": {
                    "type": "string",
                    "enum": ["all", "pending"],
                    "description": "Which ones.",
                },
                "kind": {"type": "string", "enum": ["task"]},
                "titles": {"type": "array", "items": {"type": "string"}},
            },
        }
