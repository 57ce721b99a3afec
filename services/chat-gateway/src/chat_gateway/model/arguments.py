"""The arguments of a tool call, which models and gateways write in more ways than one.

What can be meant in one way only is taken: no arguments at all, an object instead of its text, its
text quoted twice, a code fence or words around it. Two objects, a cut one, or a list are not
guessed at. Sources: openai/openai-agents-js#664, sigoden/aichat#1217, simonw/llm#1164,
NousResearch/hermes-agent#25333.
"""

import ast
import json
import re
from typing import Final, NoReturn

from pydantic import JsonValue

MAX_DEPTH: Final = 32
"""Of objects and lists in one another; the tools take none at all."""
_NOTHING: Final = frozenset({"", "null", "none", "undefined", "nil"})
_EMPTY_BEFORE: Final = re.compile(r"^(?:\{\s*\}\s*)+(?=\{)")
"""What a stream began with before its first piece came."""

Arguments = dict[str, JsonValue]


class _SaidTwice(Exception):
    """An object has one member twice: which one is meant would be a guess."""


def read_arguments(given: object) -> Arguments | None:
    """Read the arguments of a call.

    Args: given: text, parsed JSON, or None.
    Returns: None: they are no JSON object, or one that cannot be stored (NUL, half a surrogate
        pair, a number that is not finite, too deep).
    """
    value = given
    for _ in range(4):  # an object, its text, or its text as a JSON string
        if not isinstance(value, str):
            break
        value = _parsed(value)
    if value is None or value == []:  # PHP's empty object
        return {}
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict) or not is_storable(value):
        return None
    return value


def is_storable(value: object, depth: int = MAX_DEPTH) -> bool:
    """Whether Postgres takes a value into jsonb."""
    match value:
        case None | bool():
            return True
        case int():
            return -(2**63) <= value < 2**64  # what orjson writes
        case float():
            return value - value == 0  # neither infinite nor NaN
        case str():
            return "\0" not in value and _encodes(value)
        case list():
            return depth > 0 and all(is_storable(item, depth - 1) for item in value)
        case dict():
            return depth > 0 and all(
                isinstance(name, str) and is_storable(name) and is_storable(member, depth - 1)
                for name, member in value.items()
            )
    return False


def _parsed(text: str) -> object:
    """Returns: what the text stands for; False: nothing that can be told."""
    text = text.strip().lstrip("\ufeff").strip()
    if text.lower() in _NOTHING:
        return None
    try:
        return _DECODER.decode(text)
    except _SaidTwice:
        return False
    except (ValueError, RecursionError):
        return _between_words(text)


def _between_words(text: str) -> object:
    """The one object in a text that has words, a fence or stray brackets around it."""
    text = _EMPTY_BEFORE.sub("", text)
    start = text.find("{")
    if start < 0:
        return False
    try:
        value, end = _DECODER.raw_decode(text, start)
    except _SaidTwice:
        return False
    except (ValueError, RecursionError):
        value, end = _literal(text[start : text.rfind("}") + 1]), len(text)
    # What stands behind it may be words, but not a second object.
    return value if "{" not in text[end:] else False


def _literal(text: str) -> object:
    """An object in single quotes or with a comma too many: Python's spelling of the same."""
    try:
        tree = ast.parse(text, mode="eval")
        return False if any(map(_says_twice, ast.walk(tree))) else ast.literal_eval(tree)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


def _says_twice(node: ast.AST) -> bool:
    members = [ast.dump(key) for key in node.keys if key] if isinstance(node, ast.Dict) else []
    return len(set(members)) != len(members)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _SaidTwice
    return members


_DECODER: Final = json.JSONDecoder(
    parse_constant=_refuse,
    object_pairs_hook=_unique,
    strict=False,  # a line's end in a text, as it is
)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
