"""Sentence templates: a small notation that reads like English, compiled to regular expressions.

    mark {target} as (done|complete) [now]

`{name}` is a slot and `{name=<word>}` a slot that holds only such words; `(a|b)` is a choice,
`(a|b)*` any number of them, `[x]` may be left out with the blank beside it, `<word>` is taken from
the vocabulary. Line ends are blanks. A rule pairs a template with what it means.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from gemini_simulator.language.vocabulary import VOCABULARY

Meaning = TypeVar("Meaning")
Slots = Mapping[str, str]

TOKEN = re.compile(r"->|\{\w+(?:=<\w+>)?\}|<\w+>|[\[\](|]|\)\*?|\s+|[^\[\]()|{}<>\s]+")
NEEDLESS_BLANK = re.compile(r"(?<=[(\[|])\s+|\s+(?=[)\]|])")
NOT_INSIDE_WORD = r"(?!(?<=\w)\w)"
BLANK = r"\s+"
# A slot can end anywhere, so two slots cost the square of a clause's length.
LONGEST_CLAUSE_FOR_TWO_SLOTS = 600


@dataclass(frozen=True)
class Rule(Generic[Meaning]):
    """A compiled template and its meaning. `build` may return None: the words are not meant so."""

    pattern: re.Pattern[str]
    build: Callable[[Slots], Meaning | None]

    def read(self, clause: str) -> Meaning | None:
        """What the whole clause means by this rule, or None."""
        if len(clause) > LONGEST_CLAUSE_FOR_TWO_SLOTS and self.pattern.groups > 1:
            return None
        match = self.pattern.fullmatch(clause)
        if match is None:
            return None
        slots = {name: text.strip() for name, text in match.groupdict(default="").items()}
        return self.build(slots)


def rule(template: str, build: Callable[[Slots], Meaning | None]) -> Rule[Meaning]:
    """Compile a rule. Raises: KeyError: a `<word>` that is not in the vocabulary."""
    return Rule(compile_template(template), build)


def compile_template(template: str) -> re.Pattern[str]:
    """The regular expression of a template; it ignores case and is to match a whole clause.

    Raises: KeyError: a `<word>` that is not in the vocabulary. ValueError: a stray bracket.
    """
    return re.compile(_expression(template), re.IGNORECASE | re.DOTALL)


def first_meaning(rules: Sequence[Rule[Meaning]], clause: str) -> Meaning | None:
    """What the first fitting rule makes of a clause, or None."""
    return next((found for one in rules if (found := one.read(clause)) is not None), None)


@dataclass(frozen=True)
class _Part:
    """A piece of a sequence: a blank, something that must be there, or something that may be."""

    expression: str
    is_optional: bool = False


_BLANK = _Part(BLANK)


@cache
def _word(name: str) -> str:
    return f"(?:{_expression(VOCABULARY[name])}){NOT_INSIDE_WORD}"


def _expression(template: str) -> str:
    squeezed = NEEDLESS_BLANK.sub("", " ".join(template.split()))
    tokens = TOKEN.findall(squeezed)
    if "".join(tokens) != squeezed:
        raise ValueError(f"not a template: {squeezed}")
    return _choice(tokens)


def _choice(tokens: list[str]) -> str:
    """Read alternatives up to the end of the tokens, or to the bracket that closes them."""
    alternatives = [_sequence(tokens)]
    while tokens and tokens[0] == "|":
        tokens.pop(0)
        alternatives.append(_sequence(tokens))
    return "|".join(alternatives)


def _sequence(tokens: list[str]) -> str:
    parts: list[_Part] = []
    while tokens and tokens[0] not in ("|", "]", ")", ")*"):
        parts.append(_part(tokens.pop(0), tokens))
    return _joined(parts)


def _part(token: str, following: list[str]) -> _Part:
    if token.isspace():
        return _BLANK
    if token == "[":
        inner = _choice(following)
        following.pop(0)
        return _Part(f"(?:{inner})", is_optional=True)
    if token == "(":
        inner = _choice(following)
        if following.pop(0) == ")*":
            return _Part(f"(?:{inner})(?:{BLANK}(?:{inner}))*", is_optional=True)
        return _Part(f"(?:{inner})")
    if token[0] == "{":
        name, _, word = token[1:-1].partition("=")
        return _Part(f"(?P<{name}>{_word(word[1:-1]) if word else '.+?'})")
    if token[0] == "<":
        return _Part(_word(token[1:-1]))
    return _Part(re.escape(token))


def _joined(parts: list[_Part]) -> str:
    """What may be left out takes a blank along: the one before it at the end, else the next one.

    A sign that stands directly behind a word, as in `{day}[,] i`, takes none.
    """
    if len(parts) > 1 and all(part.is_optional or part is _BLANK for part in parts):
        raise ValueError("something in a template must be there")
    end: list[str] = []
    while len(parts) > 1 and parts[-1].is_optional and parts[-2] is _BLANK:
        end.insert(0, f"(?:{BLANK}(?:{parts.pop().expression}))?")
        parts.pop()
    beginning: list[str] = []
    position = 0
    while position < len(parts):
        part = parts[position]
        is_apart = position == 0 or parts[position - 1] is _BLANK or parts[position - 1].is_optional
        position += 1
        if not part.is_optional:
            beginning.append(part.expression)
        elif position < len(parts) and parts[position] is _BLANK and is_apart:
            beginning.append(f"(?:(?:{part.expression}){BLANK})?")
            position += 1
        else:
            beginning.append(f"(?:{part.expression})?")
    return "".join(beginning + end)
