"""The owner of a tool call: hidden from the model, dropped from its words, filled in by us."""

from uuid import UUID

from chat_gateway.tools.owner import drop_owner, fill_in_owner, hide_owner
from pydantic import JsonValue

from ..equipment.mcp_tools import tool

PERSON = UUID("0198c1f2-0000-7000-8000-000000000001")
STRANGER = "0198c1f2-0000-7000-8000-000000000002"


def test_the_owner_is_neither_a_property_nor_required() -> None:
    schema = tool("add_task")["inputSchema"]

    shown = hide_owner(schema)

    assert "user_id" not in str(shown)
    assert shown["required"] == ["title"]
    assert "user_id" in schema["properties"]


def test_a_schema_without_parameters_is_shown_as_it_is() -> None:
    assert hide_owner({"type": "object"}) == {"type": "object"}


def test_an_owner_of_the_models_choice_is_dropped_whatever_it_is() -> None:
    chosen: list[JsonValue] = [STRANGER, str(PERSON), None, [STRANGER], {"id": STRANGER}]
    for owner in chosen:
        assert drop_owner({"user_id": owner, "title": "milk"}) == {"title": "milk"}


def test_the_verified_user_stands_over_any_other() -> None:
    assert fill_in_owner({"user_id": STRANGER, "title": "milk"}, PERSON) == {
        "user_id": str(PERSON),
        "title": "milk",
    }
    assert fill_in_owner({}, PERSON) == {"user_id": str(PERSON)}
