"""Which tool schemas Gemini takes, and what it says about the others.

A function's parameters must be its own `Schema` message, a flat part of OpenAPI 3.0; an unknown
member is a 400. Source: ai.google.dev/api/caching#Schema; messages as in
BerriAI/litellm/issues/14330 and zed-industries/zed/issues/44875. One rule is stricter than newer
Gemini versions, which take `anyOf`: unions are refused, so that what works here works with all.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from gemini_simulator.protocol.errors import InvalidArgument, bad_request
from gemini_simulator.protocol.requests import Tool

TYPES = frozenset({"object", "string", "integer", "number", "boolean", "array"})
_FIELDS = """
    type format title description nullable default enum items minItems maxItems properties
    propertyOrdering required minProperties maxProperties minimum maximum minLength maxLength
    pattern example
"""
FIELDS = frozenset(_FIELDS.split())
STRING_FORMATS = frozenset({"enum", "date-time"})
FUNCTION_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}")

Violation = tuple[str, str]


def check_tools(tools: Sequence[Tool]) -> None:
    """Refuse tools that Gemini would refuse.

    Raises: InvalidArgument (400) with every violation found, in the order of the schema.
    """
    names: set[str] = set()
    violations: list[Violation] = []
    for position, tool in enumerate(tools):
        name = tool.function.name
        where = f"tools[0].function_declarations[{position}]"
        if not FUNCTION_NAME.fullmatch(name):
            raise InvalidArgument(
                f"GenerateContentRequest.{where}.name: Invalid function name. Must start with a "
                "letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), "
                "dots (.), colons (:), or dashes (-), with a maximum length of 64."
            )
        if name in names:
            raise InvalidArgument(f"Duplicate function declaration found: {name}")
        names.add(name)
        if tool.function.parameters is not None:
            violations.extend(_check(tool.function.parameters, f"{where}.parameters"))
    if violations:
        raise bad_request(violations)


def _check(schema: JsonValue, path: str) -> Iterator[Violation]:
    if not isinstance(schema, dict):
        yield path, f"Invalid value at '{path}' (type.googleapis.com/google.ai.Schema)."
        return
    for field in schema:
        if field not in FIELDS:
            yield (
                path,
                f"Invalid JSON payload received. Unknown name \"{field}\" at '{path}': "
                "Cannot find field.",
            )
    yield from _check_type(schema, path)
    yield from _check_values(schema, path)
    properties = schema.get("properties")
    if isinstance(properties, dict):
        for position, value in enumerate(properties.values()):
            yield from _check(value, f"{path}.properties[{position}].value")
        yield from _check_required(schema, properties, path)
    if "items" in schema:
        yield from _check(schema["items"], f"{path}.items")


def _check_type(schema: Mapping[str, JsonValue], path: str) -> Iterator[Violation]:
    kind = schema.get("type")
    if isinstance(kind, list):
        yield (
            path,
            f"Invalid value at '{path}': Proto field is not repeating, cannot start list.",
        )
    elif not isinstance(kind, str):
        yield path, f"{path}.type: must be specified."
    elif kind.lower() not in TYPES:
        yield path, f"Invalid value at '{path}.type' (Type), \"{kind}\""
    elif kind.lower() == "array" and "items" not in schema:
        yield path, f"{path}.items: missing field."


def _check_values(schema: Mapping[str, JsonValue], path: str) -> Iterator[Violation]:
    enum = schema.get("enum")
    if enum is not None:
        values = enum if isinstance(enum, list) else [enum]
        for position, value in enumerate(values):
            if not isinstance(value, str):
                yield path, f"Invalid value at '{path}.enum[{position}]' (TYPE_STRING), {value}"
        if schema.get("type") != "string":
            yield path, f"{path}.enum: only allowed for STRING type"
    form = schema.get("format")
    if schema.get("type") == "string" and form is not None and form not in STRING_FORMATS:
        yield (
            path,
            f"{path}.format: only 'enum' and 'date-time' are supported for STRING type",
        )


def _check_required(
    schema: Mapping[str, JsonValue], properties: Mapping[str, JsonValue], path: str
) -> Iterator[Violation]:
    required = schema.get("required")
    for position, name in enumerate(required if isinstance(required, list) else []):
        if name not in properties:
            yield path, f"{path}.required[{position}]: property is not defined"
