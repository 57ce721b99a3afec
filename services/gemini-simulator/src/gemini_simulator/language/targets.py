"""Which tasks a phrase means: "it", "the second one", "all completed tasks", "the milk task"."""

import re

from gemini_simulator.language.grammar import Rule, Slots, compile_template, first_meaning, rule
from gemini_simulator.language.intents import (
    Everything,
    Places,
    Pronoun,
    Recent,
    Status,
    Target,
    Words,
)
from gemini_simulator.language.text import is_quoted

CARDINALS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10,
}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "top": 1, "last": -1, "final": -1, "bottom": -1,
    "second to last": -2, "second last": -2,
}  # fmt: skip

PENDING = compile_template("<pending>")
COMPLETED = compile_template("<completed>")
NUMBER = re.compile(
    rf"\b(?:{'|'.join(sorted(ORDINALS, key=len, reverse=True))})\b|\d+", re.IGNORECASE
)
LEADING_WORDS = re.compile(
    r"(?:(?:the|my|that|this|those|these|an?|our|tasks?|item|to-?do|reminders?|one|called|named|"
    r"titled|labelled|saying|about|regarding|which says|that says)\s+)+(?=\S)",
    re.IGNORECASE,
)
TRAILING_WORDS = re.compile(
    r"\s+(?:(?:to-?do )?(?:tasks?|items?)|todos?|to-?dos?|reminders?|entry|one|ones|thing|"
    r"(?:from|on|off|in|of) (?:my|the) (?:[\w-]+ )?(?:list|tasks|todos))$",
    re.IGNORECASE,
)


def read_target(phrase: str) -> Target:
    """What a phrase points at; words of a title when it is nothing else.

    Args: phrase: the part of a sentence that names tasks; quotations as placeholders.
    """
    text = " ".join(phrase.split()).strip(" ,.!?;:")
    if is_quoted(text):
        return Words(text)
    return first_meaning(RULES, text) or Words(unwrap(text))


def unwrap(phrase: str) -> str:
    """The words of a title without "the", "task called" and "from my list" around them."""
    text = phrase.strip()
    for _ in range(2):
        text = TRAILING_WORDS.sub("", text)
    text = LEADING_WORDS.sub("", text, count=1) if LEADING_WORDS.match(text) else text
    return text.strip(" ,.:;") or phrase.strip()


def read_status(words: str) -> Status:
    """The status that a word like "finished" or "open" means; "all" for none."""
    if PENDING.fullmatch(words):
        return "pending"
    return "completed" if COMPLETED.fullmatch(words) else "all"


def _one(_: Slots) -> Target:
    return Pronoun()


def _many(_: Slots) -> Target:
    return Pronoun(many=True)


def _recent(slots: Slots) -> Target:
    return Recent(CARDINALS.get(slots.get("count", "").lower(), 1))


def _oldest(slots: Slots) -> Target:
    return Recent(CARDINALS.get(slots.get("count", "").lower(), 1), oldest=True)


def _everything(slots: Slots) -> Target:
    return Everything(read_status(slots.get("status", "")))


def _all_but(slots: Slots) -> Target | None:
    whole = read_target(slots["all"])
    return Everything(whole.status, but=slots["but"]) if isinstance(whole, Everything) else None


def _every_match(slots: Slots) -> Target:
    words = unwrap(slots["words"])
    return Words(words, every=True, status=read_status(slots.get("status", "")))


def _from_start(slots: Slots) -> Target:
    return Places(tuple(range(1, _count(slots) + 1)), "")


def _from_end(slots: Slots) -> Target:
    return Places(tuple(range(-_count(slots), 0)), "")


def _count(slots: Slots) -> int:
    word = slots["count"].lower()
    return CARDINALS.get(word) or int(word)


def _span(slots: Slots) -> Target:
    first, last = int(slots["first"]), int(slots["last"])
    return Places(tuple(range(first, last + 1)), "")


def _places(slots: Slots) -> Target | None:
    words = [match.group().lower() for match in NUMBER.finditer(slots["numbers"])]
    numbers = tuple(ORDINALS.get(word) or int(word) for word in words)
    return Places(numbers, slots["numbers"]) if numbers else None


RULES: tuple[Rule[Target], ...] = (
    rule("it|that|this|(that|this|the same) (<one>|last thing)|that new <one>", _one),
    rule("the (task|thing|item|reminder)", _one),
    rule("the (one|task|thing) (i|you|we) just (mentioned|said|told you about)", _one),
    rule(
        """(the|that) <one> [that|which] (i|you|we|i've|you've|we've)
        (just|recently) (added|created|made|put in)""",
        _recent,
    ),
    rule("[all|both|each] [of] (them|those|these|they) [all|both] [<ones>]", _many),
    rule("both|both <ones>|the lot|the both of them", _many),
    rule("[all] (the|those|these) <cardinal> [of them|of those|<ones>]", _many),
    rule("all <cardinal> [of them|of those|of these|<ones>]", _many),
    rule(
        """(the|my) [{count=<cardinal>}] (latest|newest|most recent) [<one>|<ones>]
        [that] [i added|you added|i created]""",
        _recent,
    ),
    rule(
        """(the|my) last [{count=<cardinal>}] [<one>|<ones>] [that|which] (i|you|we|i've|you've)
        [just] (added|created|made|put in)""",
        _recent,
    ),
    rule("(the|my) [{count=<cardinal>}] (oldest|earliest) [<one>|<ones>]", _oldest),
    rule(
        "{all} (except|except for|but|but not|apart from|other than|besides|excluding) {but}",
        _all_but,
    ),
    rule("[absolutely] (all|every|everything|each|whatever|it all|all of it)", _everything),
    rule(
        """(all|every|each|every single) [of] [the|my|our] [single] [<digits>] [{status=<status>}]
        (<ones>|<one>|<list>) [<from_list>]""",
        _everything,
    ),
    rule("(all|every|each) [of] [the|my|our] {status=<status>}", _everything),
    rule("[all] [the|my|our|any] {status=<status>} <ones> [<from_list>]", _everything),
    rule(
        """(everything|all|all <tasks>|all the <tasks>|all my <tasks>|<tasks>|the <ones>|whatever)
        [that|which] [is|are|that's|i've|i have|i] [all|already] {status=<status>} [<from_list>]""",
        _everything,
    ),
    rule("everything that's {status=<status>}", _everything),
    rule("(the|my) [whole|entire|complete|full] <list>|everything <from_list>", _everything),
    rule(
        "(all|every|both) [of] [the|my] [{status=<status>}] {words} (<ones>|<task>)", _every_match
    ),
    rule(
        """(all|every|both|each|any) [of] [the|my] [{status=<status>}] (<ones>|<one>) [that|which]
        (about|with|containing|contain|contains|mention|mentions|mentioning|say|says|related to|
        to do with|named|called|for) [the word|the words|the text] {words}""",
        _every_match,
    ),
    rule(
        """everything [that] (about|with|containing|contains|mentions|related to|to do with|for)
        {words}""",
        _every_match,
    ),
    rule("[the] (first|top) {count=<several>} [<ones>] [<from_list>]", _from_start),
    rule("[the] (last|bottom) {count=<several>} [<ones>] [<from_list>]", _from_end),
    rule(
        """[<tasks>|numbers|number] {first=<digits>} (-|–|to|through|until) {last=<digits>}""",
        _span,
    ),
    rule(
        """[the] [<one>|<ones>|number|numbers|no.|option|position|entry] {numbers=<numbers>}
        [<ones>|<one>] [<from_list>|in that list|of those|of them]""",
        _places,
    ),
)
