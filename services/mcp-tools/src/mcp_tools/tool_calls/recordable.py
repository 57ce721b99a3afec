"""What Postgres can hold of the arguments of a call, however wrong they are.

A failed call leaves its row too, so arguments that no tool accepts must be storable: `jsonb` takes
no NUL, no lone surrogate and no number that is not finite, and a row must not grow without limit.
"""

import math
from collections.abc import Mapping

from pydantic import JsonValue
from servicekit.text import storable

# A right call fits: its longest text has 2,000 characters, its deepest value is a text.
_MAX_CHARACTERS = 4_000
_MAX_MEMBERS = 50
_MAX_DEPTH = 5
_CUT = "…"


def recordable_text(text: str, max_characters: int = _MAX_CHARACTERS) -> str:
    """The text without what Postgres refuses, and cut (with an ellipsis) when it is too long."""
    shown = text if len(text) <= max_characters else text[: max_characters - 1] + _CUT
    return storable(shown)


def recordable(arguments: Mapping[str, object]) -> dict[str, JsonValue]:
    """The arguments as they are recorded: equal to what was sent for every call that can succeed.

    Too long texts, too many members and too deep values are cut with an ellipsis.
    """
    return _members(arguments, _MAX_DEPTH)


def _members(value: Mapping[str, object], depth: int) -> dict[str, JsonValue]:
    pairs = list(value.items())[:_MAX_MEMBERS]
    return {recordable_text(name, 200): _value(member, depth - 1) for name, member in pairs}


def _value(value: object, depth: int) -> JsonValue:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return recordable_text(value)
    if isinstance(value, int):
        # Beyond 64 bits Postgres would keep digits without end.
        return value if value.bit_length() <= 64 else recordable_text(f"{value:#x}", 200)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth > 0 and isinstance(value, Mapping):
        return _members(value, depth)
    if depth > 0 and isinstance(value, list):
        return [_value(item, depth - 1) for item in value[:_MAX_MEMBERS]]
    return _CUT
