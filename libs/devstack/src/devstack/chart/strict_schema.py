"""OpenAPI as Kubernetes writes it, made into JSON Schema that refuses what is not declared.

The API server drops an unknown field in silence; a misspelt one is then simply not there. Left out
is what asserts nothing: descriptions, defaults, formats, and CEL rules, which kubeconform cannot
evaluate (tests/cluster has an API server for those).
"""

from collections.abc import Mapping
from typing import Any

Node = Mapping[str, Any]
Schema = dict[str, Any]

ASSERTIONS = frozenset(
    {
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "pattern",
        "required",
        "type",
        "uniqueItems",
    }
)
COMBINATIONS = ("allOf", "anyOf", "oneOf")
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
INTEGER_OR_STRING: Schema = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
NUMBER_OR_STRING: Schema = {"anyOf": [{"type": "number"}, {"type": "string"}]}
STRINGS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
METADATA: Schema = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "namespace": {"type": "string"},
        "labels": STRINGS,
        "annotations": STRINGS,
    },
}
"""What a chart may write of an object's metadata; a custom resource's definition says nothing."""


def strict(node: Node, closed: bool = True) -> Schema:
    """The schema of a node.

    Args: closed: refuse properties that are not declared. Not in the parts of a combination: each
        names only some of the properties.
    """
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    found: Schema = {key: value for key, value in node.items() if key in ASSERTIONS}
    if node.get("x-kubernetes-int-or-string") or node.get("format") == "int-or-string":
        found.pop("type", None)
        found.update(INTEGER_OR_STRING)
    for name in COMBINATIONS:
        if name in node and name not in found:
            found[name] = [strict(part, closed=False) for part in node[name]]
    if "not" in node:
        found["not"] = strict(node["not"], closed=False)
    if "items" in node:
        found["items"] = strict(node["items"], closed)
    found.update(properties(node, closed))
    if node.get("nullable") and "type" in found:
        found["type"] = [found["type"], "null"]
    return found


def properties(node: Node, closed: bool) -> Schema:
    """The part of a schema that speaks of properties."""
    found: Schema = {}
    if "properties" in node:
        found["properties"] = {
            name: strict(child, closed) for name, child in node["properties"].items()
        }
    others = node.get("additionalProperties")
    if isinstance(others, Mapping):
        found["additionalProperties"] = strict(others, closed)
    elif others is not None:
        found["additionalProperties"] = others
    elif closed and found and not node.get("x-kubernetes-preserve-unknown-fields"):
        found["additionalProperties"] = False
    return found


def custom_resource(definition: Node) -> dict[str, Schema]:
    """Schemas of a CustomResourceDefinition, by their path below the folder of custom kinds."""
    spec = definition["spec"]
    found = {}
    for version in spec["versions"]:
        if version["served"]:
            schema = strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = METADATA
            schema["properties"].pop("status", None)
            name = f"{spec['group']}/{spec['names']['kind'].lower()}_{version['name']}.json"
            found[name] = schema
    return found


def kubernetes(swagger: Node, kinds: tuple[str, ...]) -> dict[str, Schema]:
    """Schemas of built-in kinds, by file name; what they share is in `definitions.json`.

    Args: kinds: "group/version/Kind", the group of the core kinds empty.
    """
    definitions: Node = swagger["definitions"]
    names = names_by_kind(definitions)
    needed: dict[str, Schema] = {}
    waiting = [names[kind] for kind in kinds]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            whole = definitions[name]
            needed[name] = dict(NUMBER_OR_STRING) if name == QUANTITY else strict(whole)
            waiting += references(needed[name])
    files: dict[str, Schema] = {"definitions.json": {"definitions": dict(sorted(needed.items()))}}
    for kind in kinds:
        group, version, bare = kind.split("/")
        suffix = "-".join(part for part in (group.split(".")[0], version) if part)
        where = f"definitions.json#/definitions/{names[kind]}"
        files[f"{bare.lower()}-{suffix}.json"] = {"$ref": where}
    return files


def names_by_kind(definitions: Node) -> dict[str, str]:
    """Which definition is that of a "group/version/Kind"."""
    return {
        f"{kind['group']}/{kind['version']}/{kind['kind']}": name
        for name, definition in definitions.items()
        for kind in definition.get("x-kubernetes-group-version-kind", ())
        if name.endswith(f".{kind['kind']}")
    }


def references(node: object) -> list[str]:
    """Names of the definitions that a schema refers to."""
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            return [node["$ref"].rpartition("/")[2]]
        return [name for child in node.values() for name in references(child)]
    if isinstance(node, list):
        return [name for child in node for name in references(child)]
    return []
