"""Sentence templates: a small notation that reads like English, compiled to regular expressions.

    mark {target} as (done|complete) [now]

`{name}` is a slot, `(a|b)` a choice, `[x]` may be left out with the blank beside it, `<name>` is
taken from VOCABULARY. A rule pairs a template with what it means.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gemini_simulator.language.intents import Intent

VOCABULARY: Mapping[str, str] = {
    "task": r"(?:to[- ]?do\s+)?(?:task|item|entry|reminder)|to[- ]?do|todo",
    "tasks": r"(?:to[- ]?do\s+)?(?:tasks|items|entries|reminders)|to[- ]?dos|todos|things|stuff",
    "list": r"(?:task|to[- ]?do|todo|shopping|grocery)?[- ]?lists?|tasks|to[- ]?dos?|todos?|agenda",
    "my": r"my|the|our|that|this|your",
    "done": r"all done|done|completed?|finished|finish|off",
    "description": r"descriptions?|notes?|details?|comments?|desc|info",
    "change": r"change|update|edit|modify|alter|set|adjust",
    "to": r"to be|to say|to read|to|into|as|with|so it says|=|->|→|:",
    "says": r"saying that|that says|which says|saying|with the text|:|-|—|that|of|to say|as|=",
    "i_have": r"i've|i have|i had|i just|i already|i finally|i actually|i also|we've|we have|i|we",
    "now": r"now|already|today|just now|as well|too|finally|all|again",
}

Slots = Mapping[str, str]
TOKEN = re.compile(r"\{\w+\}|<\w+>|[\[\]()|]|\s+|[^\[\]()|{}<>\s]+")
BLANK = r"\s+"


@dataclass(frozen=True)
class Rule:
    """A compiled template and its meaning. `build` may return None: the sentence is not meant."""

    pattern: re.Pattern[str]
    build: Callable[[Slots], Intent | None]


def rule(template: str, build: Callable[[Slots], Intent | None]) -> Rule:
    """Compile a template. Raises: KeyError: a `<name>` that is not in VOCABULARY."""
    return Rule(compile_template(template), build)


def compile_template(template: str) -> re.Pattern[str]:
    """The regular expression of a template; it ignores case and must match a whole clause."""
    tokens = TOKEN.findall(template)
    return re.compile(_choice(tokens), re.IGNORECASE | re.DOTALL)


def _choice(tokens: list[str]) -> str:
    """Read alternatives up to the end of the tokens or of the bracket that was opened before."""
    alternatives = [_sequence(tokens)]
    while tokens and tokens[0] == "|":
        tokens.pop(0)
        alternatives.append(_sequence(tokens))
    if tokens:
        tokens.pop(0)
    return "|".join(alternatives)


def _sequence(tokens: list[str]) -> str:
    parts: list[str] = []
    while tokens and tokens[0] not in "|])":
        token = tokens.pop(0)
        if token.isspace():
            parts.append(BLANK)
        elif token == "(":
            parts.append(f"(?:{_choice(tokens)})")
        elif token == "[":
            parts.append(_optional(parts, _choice(tokens), tokens))
        elif token[0] == "{":
            parts.append(f"(?P<{token[1:-1]}>.+?)")
        elif token[0] == "<":
            parts.append(f"(?:{VOCABULARY[token[1:-1]]})")
        else:
            parts.append(re.escape(token))
    return "".join(parts)


def _optional(before: list[str], inner: str, after: list[str]) -> str:
    """What may be left out takes the blank beside it along: the one after it, or the one before."""
    if after and after[0].isspace():
        after.pop(0)
        return f"(?:(?:{inner}){BLANK})?"
    if before and before[-1] == BLANK:
        before.pop()
        return f"(?:{BLANK}(?:{inner}))?"
    return f"(?:{inner})?"


def first_meaning(rules: Sequence[Rule], clause: str) -> Intent | None:
    """What the first fitting rule makes of a clause, or None."""
    for one in rules:
        match = one.pattern.fullmatch(clause)
        if match is None:
            continue
        slots = {name: text.strip() for name, text in match.groupdict(default="").items()}
        meaning = one.build(slots)
        if meaning is not None:
            return meaning
    return None
