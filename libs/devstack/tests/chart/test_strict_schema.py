"""What Kubernetes declares becomes a schema that refuses everything else."""

from typing import Any

import pytest
from devstack.chart.strict_schema import (
    METADATA,
    QUANTITY,
    custom_resource,
    kubernetes,
    strict,
)


def test_unknown_property_is_refused_at_each_depth() -> None:
    inner = {"type": "object", "properties": {"port": {"type": "integer"}}}
    made = strict({"type": "object", "properties": {"ports": {"type": "array", "items": inner}}})
    assert made["additionalProperties"] is False
    assert made["properties"]["ports"]["items"]["additionalProperties"] is False


def test_property_may_have_the_name_of_a_keyword() -> None:
    made = strict({"type": "object", "properties": {"default": {"type": "string"}}})
    assert made["properties"] == {"default": {"type": "string"}}


@pytest.mark.parametrize("word", ["description", "default", "format", "x-kubernetes-list-type"])
def test_what_asserts_nothing_is_left_out(word: str) -> None:
    assert strict({"type": "string", word: "something"}) == {"type": "string"}


def test_map_keeps_the_schema_of_its_values() -> None:
    node = {"type": "object", "additionalProperties": {"type": "string", "description": "x"}}
    assert strict(node)["additionalProperties"] == {"type": "string"}


def test_object_that_declares_nothing_takes_anything() -> None:
    assert strict({"type": "object"}) == {"type": "object"}


def test_object_that_keeps_unknown_fields_stays_open() -> None:
    node = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "x-kubernetes-preserve-unknown-fields": True,
    }
    assert "additionalProperties" not in strict(node)


def test_parts_of_a_combination_stay_open() -> None:
    """Each names some properties of an object that is declared beside them."""
    part = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    made = strict({"type": "object", "properties": {"a": {}, "b": {}}, "oneOf": [part]})
    assert made["additionalProperties"] is False
    assert "additionalProperties" not in made["oneOf"][0]


@pytest.mark.parametrize(
    "node",
    [
        {"type": "string", "format": "int-or-string"},
        {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
    ],
)
def test_number_or_name_of_a_port_is_both(node: dict[str, Any]) -> None:
    assert strict(node) == {"anyOf": [{"type": "integer"}, {"type": "string"}]}


def test_nullable_takes_null() -> None:
    assert strict({"type": "string", "nullable": True})["type"] == ["string", "null"]


def test_custom_resource_is_strict_about_metadata_and_has_no_status() -> None:
    schema = {
        "type": "object",
        "properties": {
            "metadata": {"type": "object"},
            "spec": {"type": "object", "properties": {"size": {"type": "integer"}}},
            "status": {"type": "object"},
        },
    }
    versions = [
        {"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}},
        {"name": "v1alpha1", "served": False, "schema": {"openAPIV3Schema": schema}},
    ]
    names = {"group": "example.com", "names": {"kind": "BigRoute"}}
    made = custom_resource({"spec": {**names, "versions": versions}})
    assert list(made) == ["example.com/bigroute_v1.json"]
    properties = made["example.com/bigroute_v1.json"]["properties"]
    assert properties["metadata"] == METADATA
    assert "status" not in properties


def swagger() -> dict[str, Any]:
    """A Kubernetes with one kind, which needs one of two further definitions."""
    kind = {"group": "apps", "version": "v1", "kind": "Boat"}
    boat = {
        "type": "object",
        "properties": {
            "mast": {"$ref": "#/definitions/api.Mast", "description": "of wood"},
            "load": {"$ref": f"#/definitions/{QUANTITY}"},
        },
        "x-kubernetes-group-version-kind": [kind],
    }
    return {
        "definitions": {
            "api.Boat": boat,
            "api.Mast": {"type": "object", "properties": {"sails": {"type": "integer"}}},
            "api.Unused": {"type": "object"},
            QUANTITY: {"type": "string"},
        }
    }


def test_only_what_a_kind_needs_is_kept() -> None:
    made = kubernetes(swagger(), ("apps/v1/Boat",))
    assert set(made) == {"definitions.json", "boat-apps-v1.json"}
    assert made["boat-apps-v1.json"] == {"$ref": "definitions.json#/definitions/api.Boat"}
    assert set(made["definitions.json"]["definitions"]) == {"api.Boat", "api.Mast", QUANTITY}


def test_quantity_may_be_a_number() -> None:
    made = kubernetes(swagger(), ("apps/v1/Boat",))["definitions.json"]["definitions"]
    assert {"type": "number"} in made[QUANTITY]["anyOf"]


def test_kind_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError, match="apps/v1/Ship"):
        kubernetes(swagger(), ("apps/v1/Ship",))
