"""Cutting a message into the requests that it is made of."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from gemini_simulator.language.grammar import compile_template
from gemini_simulator.language.intents import (
    Add,
    Complete,
    Delete,
    Describe,
    Intent,
    MissingTitle,
    Talk,
    Unclear,
)
from gemini_simulator.language.titles import read_new_tasks

ABBREVIATION = re.compile(
    r"\b(?:dr|mr|mrs|ms|st|prof|no|nr|vs|etc|e\.g|i\.e|approx|ca|p\.m|a\.m|jr|sr)\.$", re.IGNORECASE
)
SENTENCE_END = re.compile(r"(?:[.!?…]+)(?=\s)|\n+")
JOINT = re.compile(
    r"\s*[,;]?\s+(?:and|but|then|also|plus|as well as|&)\s+|\s*[,;]\s+|\s+-\s+", re.IGNORECASE
)
THEN = re.compile(r"(?:[,;]\s*|\s+)(?:and\s+)?(?:then|afterwards|after that),?\s+", re.IGNORECASE)
# After "add ...", only words that no title would go on with begin a new request.
SURE_OPENERS = """add|create|delete|remove|mark|rename|remind me|show [me]|list|complete|check off|
    tick off|get rid of|what|what's|how many|don't forget|i also (need|have) to|
    i [just] (finished|completed)|(put|set) the (description|note)|set its description"""
OPENERS = f"""{SURE_OPENERS}|finish|close|change|update|edit|replace|cancel|clear|drop|erase|cross|
    set|make|call it|the (first|second|third|last)|i|i've|i'm|take|give|put"""
LEADS = """(please|also|then|now|after that|afterwards|finally|lastly|maybe|next|can you|could you|
    could you please|can you please|you can|and)*"""
SURE_OPENING = compile_template(f"{LEADS} ({SURE_OPENERS})")
OPENING = compile_template(f"{LEADS} ({OPENERS})")
LETTER = re.compile(r"[^\W_]|[\ue000-\uf8ff]")

ReadClause = Callable[[str], Intent]


def sentences(text: str) -> Iterator[str]:
    """The sentences of a message; an abbreviation's dot ends none."""
    start = 0
    for match in SENTENCE_END.finditer(text):
        if not ABBREVIATION.search(text[: match.end()].rstrip()):
            yield text[start : match.end()].strip()
            start = match.end()
    yield text[start:].strip()


def read_clauses(text: str, read_clause: ReadClause) -> list[Intent]:
    """What each part of a message means; talk is left out when there are requests.

    Args: read_clause: what a single clause means; Unclear when it is not understood.
    """
    meanings = [
        meaning
        for sentence in sentences(text)
        if LETTER.search(sentence)
        for meaning in _read_sentence(sentence, read_clause)
    ]
    meanings = _with_titles(meanings)
    requests = [meaning for meaning in meanings if not isinstance(meaning, Talk | Unclear)]
    return [*requests] or meanings[-1:]


def _with_titles(meanings: list[Intent]) -> list[Intent]:
    """ "Can you add a task? Water the plants": the sentence after it is the title."""
    joined: list[Intent] = []
    for meaning in meanings:
        asks = bool(joined) and joined[-1] == MissingTitle()
        titles = read_new_tasks(meaning.text, many=None) if isinstance(meaning, Unclear) else []
        if asks and titles:
            joined[-1] = Add(tuple(titles))
        elif meaning != MissingTitle() or not any(isinstance(one, Add) for one in joined):
            joined.append(meaning)
    return joined


def join_descriptions(meanings: list[Intent]) -> list[Intent]:
    """Give a "Description: ..." of its own to the new task before it."""
    joined: list[Intent] = []
    for meaning in meanings:
        before = joined[-1] if joined else None
        if isinstance(meaning, Describe) and isinstance(before, Add):
            described = replace(before.tasks[-1], description=meaning.description)
            joined[-1] = Add((*before.tasks[:-1], described))
        else:
            joined.append(meaning)
    return joined


def _read_sentence(sentence: str, read_clause: ReadClause) -> list[Intent]:
    for joint in THEN.finditer(sentence):
        if _opens(OPENING, sentence, joint) and (parts := _cut(sentence, joint, read_clause)):
            return parts
    whole = read_clause(sentence)
    opening = SURE_OPENING if isinstance(whole, Add) else OPENING
    for joint in JOINT.finditer(sentence):
        opens = _opens(opening, sentence, joint)
        parts = _cut(sentence, joint, read_clause)
        if parts and (opens or _is_report(whole, parts)):
            return parts
    return [whole]


def _is_report(whole: Intent, parts: list[Intent]) -> bool:
    """ "... and call mom is done": no opening word, but nothing else it could mean."""
    return not isinstance(whole, Add) and isinstance(parts[-1], Complete | Delete)


def _opens(opening: re.Pattern[str], sentence: str, joint: re.Match[str]) -> bool:
    match = opening.match(sentence, joint.end())
    return match is not None and not sentence[match.end() : match.end() + 1].isalnum()


def _cut(sentence: str, joint: re.Match[str], read_clause: ReadClause) -> list[Intent]:
    """The meanings on both sides of a joint, when both sides are requests; else nothing."""
    left = read_clause(sentence[: joint.start()])
    if isinstance(left, Unclear):
        return []
    rest = _read_sentence(sentence[joint.end() :], read_clause)
    if any(isinstance(meaning, Unclear | Talk) for meaning in rest):
        return []
    return [*([] if isinstance(left, Talk) else [left]), *rest]
