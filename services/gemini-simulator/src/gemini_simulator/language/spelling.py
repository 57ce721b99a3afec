"""Forgiving typing errors: near words, and command words that were mistyped."""

import re
from collections.abc import Iterator

_COMMANDS = """
    add create remind remove delete complete completed finish finished mark done show list
    rename change update task tasks pending what whats clear tick check cross description
    title call note have need please into name edit unfinished everything
"""
COMMANDS = tuple(_COMMANDS.split())
# Short slips that no distance finds without also finding real words.
SLIPS = {
    "ad": "add",
    "addd": "add",
    "aad": "add",
    "dd": "add",
    "del": "delete",
    "rm": "remove",
    "remov": "remove",
    "dlt": "delete",
    "creat": "create",
    "crate": "create",
    "shw": "show",
    "sho": "show",
    "lst": "list",
    "ls": "list",
    "wat": "what",
    "wht": "what",
    "mrk": "mark",
    "dne": "done",
    "finsh": "finish",
    "tsk": "task",
    "tsks": "tasks",
    "u": "you",
    "r": "are",
}
# Words of their own right that are one slip away from a command.
_REAL_WORDS = """
    ask asks mask tank talk talks last lost lift line lit mist note nose dine dome dose bone
    gone one none don park bark dark mark make mare may more show snow shoe slow shop stow
    lift fist tick pick kick sick lick thick chick clear clean clean lean all ball call fall
    tall wall cell calm name game same fame lame need seed feed weed deed has hive gave cave
    save wave edit what that whit hat chat cross gross dress into onto unto intro cheek chuck
    chalk change charge chance title tile little rename remove move remind mind add odd and
    aid list task tasks done finish finnish update date dates complete compete compete create
    crate cream great delete
"""
REAL_WORDS = frozenset(_REAL_WORDS.split())
NOUN_SLIPS = re.compile(
    r"\b(?:(?:tsak|atsk|taask|tassk|taskk|tasc|tesk)(?P<plural>s?)|(?P<one>(?<=\ba )taks)|taks)\b",
    re.IGNORECASE,
)
WORD = re.compile(r"[A-Za-z']+")
LONG_WORD = 8  # letters from which two slips are forgiven


def distance(a: str, b: str, limit: int) -> int:
    """How many slips lie between two words, a swap of neighbours being one; or more than `limit`.

    Source: the optimal string alignment distance.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        current = [i]
        for j, other in enumerate(b, 1):
            cost = min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1]


def are_near(a: str, b: str) -> bool:
    """Whether two lower-case words are equal but for a slip or two, by their length."""
    if a == b:
        return True
    shorter = min(len(a), len(b))
    if shorter < 4:
        return False
    limit = 2 if shorter >= LONG_WORD else 1
    return distance(a, b, limit) <= limit


def is_slip(a: str, b: str) -> bool:
    """Whether two words are one but for a letter missing, doubled or swapped inside.

    Other letters make other words, and other names: bread and break, Martin and Martina.
    """
    shorter = min(len(a), len(b))
    is_swap = sorted(a) == sorted(b)
    is_near = shorter > 4 and (a[0], a[-1]) == (b[0], b[-1]) and distance(a, b, 1) == 1
    return is_near and (is_swap or len(a) != len(b))


def mend_nouns(text: str) -> str:
    """The text with the commonest slips of "task" put right; safe in titles."""
    return NOUN_SLIPS.sub(_mend_noun, text)


def _mend_noun(match: re.Match[str]) -> str:
    is_one = match["one"] or match["plural"] == ""
    return "task" if is_one else "tasks"


def readings(clause: str) -> Iterator[str]:
    """The clause with its first, its first three, and all its words mended, where that helps."""
    tried = {clause}
    for count in (1, 3, len(clause)):
        mended = _mend_words(clause, count)
        if mended not in tried:
            tried.add(mended)
            yield mended


def _mend_words(clause: str, count: int) -> str:
    seen = 0

    def mend(match: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        return mend_word(match.group()) if seen <= count else match.group()

    return WORD.sub(mend, clause)


def mend_word(word: str) -> str:
    """The command that a word is a slip of; the word itself when it is none."""
    lower = word.lower()
    if lower in SLIPS:
        return SLIPS[lower]
    if len(lower) < 4 or lower in REAL_WORDS or lower in COMMANDS:
        return word
    near = [command for command in COMMANDS if len(command) >= 4 and are_near(lower, command)]
    return near[0] if near else word
