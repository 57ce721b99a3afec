"""PromQL read far enough to know which metrics and labels an expression asks for.

Whether it is PromQL at all, promtool says; this only looks for names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_LABELS_OF = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)")
_SELECTOR = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)\s*\{(?P<matchers>[^{}]*)\}")
_WINDOW = re.compile(r"\[[^\]]*\]")
_NAME = re.compile(r"(?<![\w:$.])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_WORDS = frozenset({"and", "or", "unless", "bool", "offset", "atan2", "Inf", "NaN"})


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric and the labels that it is chosen by."""

    metric: str
    labels: frozenset[str]


def metrics(expression: str) -> set[str]:
    """Names of all metrics that an expression reads."""
    bare = _STRING.sub('""', expression)
    for pattern in (_WINDOW, _LABELS_OF):
        bare = pattern.sub(" ", bare)
    bare = re.sub(r"\{[^{}]*\}", " ", bare)
    return set(_NAME.findall(bare)) - _WORDS


def selectors(expression: str) -> Iterator[Selector]:
    """Every selector with matchers."""
    for found in _SELECTOR.finditer(_STRING.sub('""', expression)):
        yield Selector(found["name"], frozenset(_LABEL.findall(found["matchers"])))
