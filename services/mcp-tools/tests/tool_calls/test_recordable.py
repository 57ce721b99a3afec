"""What Postgres can hold of arguments."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp_tools.tool_calls.recordable import recordable, recordable_text

wild_text = st.text(alphabet=st.characters(codec=None, categories=None), max_size=50)
wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | wild_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(wild_text, inner, max_size=4),
    max_leaves=30,
)


def refused_by_jsonb(value: object) -> bool:
    """Whether Postgres would refuse a part of it."""
    if isinstance(value, dict):
        return any(refused_by_jsonb(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(refused_by_jsonb(part) for part in value)
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, str) and (
        "\0" in value or any(0xD800 <= ord(character) <= 0xDFFF for character in value)
    )


@given(st.dictionaries(wild_text, wild, max_size=5))
def test_whatever_was_sent_can_be_stored(arguments: dict[str, Any]) -> None:
    stored = recordable(arguments)

    assert not refused_by_jsonb(stored)
    json.dumps(stored, allow_nan=False).encode()


@pytest.mark.parametrize(
    "arguments",
    [
        {"title": "x" * 200, "description": "🥛" * 2_000},
        {"status": "all", "limit": 50, "cursor": None},
        {"title": " ünïcode “quotes” \n"},
        {"nested": {"list": [1, 2.5, True, None]}},
    ],
)
def test_right_arguments_are_stored_as_they_came(arguments: dict[str, Any]) -> None:
    assert recordable(arguments) == arguments


def test_what_is_too_much_is_cut() -> None:
    stored = recordable({"long": "x" * 9_000, "deep": [[[[[["hidden"]]]]]], "many": [0] * 900})

    assert stored["long"] == "x" * 3_999 + "…"
    assert "hidden" not in json.dumps(stored)
    assert len(json.dumps(stored)) < 5_000


def test_arguments_that_differ_only_beyond_the_cut_are_not_a_concern_of_right_calls() -> None:
    """Only calls that are refused anyway can be cut: see the limits of the parameters."""
    assert recordable_text("x" * 2_000) == "x" * 2_000
