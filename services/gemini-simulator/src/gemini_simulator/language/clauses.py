"""Cutting a message into the requests that it is made of."""

import re
from collections.abc import Callable, Iterator

from gemini_simulator.language.intents import Add, Describe, Intent, Talk, Unclear

ABBREVIATION = re.compile(
    r"\b(?:dr|mr|mrs|ms|st|prof|no|nr|vs|etc|e\.g|i\.e|approx|ca|p\.m|a\.m|jr|sr)\.$", re.IGNORECASE
)
SENTENCE_END = re.compile(r"(?:[.!?…]+|;)(?=\s)|\n+|(?<=[.!?])\s+(?=[A-Z\ue000-\uf8ff])")
# After "add ...", only words that no title would continue with begin a new request.
SURE_OPENER = (
    r"(?:add|create|delete|remove|mark|rename|remind me|show(?: me)?|list|complete|check off|tick off|"
    r"get rid of|what(?:'s| is| are| do)|how many|don't forget|i also (?:need|have) to|i (?:just )?(?:finished|completed)|"
    r"put .{1,60} on my|set the (?:description|note))"
)
ANY_OPENER = (
    SURE_OPENER[:-1]
    + r"|finish|close|change|update|edit|replace|cancel|clear|drop|erase|cross|set|make|"
    r"call it|the (?:first|second|third|last)|i(?:'ve| have)? (?:\w+ed|bought|paid|did|done|sent|wrote|made)|i (?:don't|no longer)|take|give)"
)
LEAD = r"(?:please |also |then |now |after that |afterwards |finally |can you |could you |could you please |you can |maybe |lastly |next )*"
JOIN = r"(?:\s*[,;]?\s+(?:and|but|then|also|plus|as well as|&)(?:\s+(?:then|also|please|afterwards|after that|finally))*,?\s+|\s*[,;]\s+|\s+-\s+)"
SURE_BREAK = re.compile(rf"{JOIN}(?={LEAD}{SURE_OPENER}\b)", re.IGNORECASE)
ANY_BREAK = re.compile(rf"{JOIN}(?={LEAD}{ANY_OPENER}\b)", re.IGNORECASE)
THEN_BREAK = re.compile(
    rf"(?:[,;]\s*(?:and\s+)?|\s+and\s+)(?:then|afterwards|after that)[,]?\s+(?={LEAD}{ANY_OPENER}\b)",
    re.IGNORECASE,
)
LETTER = re.compile(r"[^\W_]|[\ue000-\uf8ff]")

ReadClause = Callable[[str], Intent]


def sentences(text: str) -> Iterator[str]:
    """The sentences of a message; an abbreviation's dot ends none."""
    start = 0
    for match in SENTENCE_END.finditer(text):
        if ABBREVIATION.search(text[: match.end()].rstrip()):
            continue
        yield text[start : match.end()]
        start = match.end()
    yield text[start:]


def read_clauses(text: str, read_clause: ReadClause) -> list[Intent]:
    """What each part of a message means; talk is left out when there are requests.

    Args: read_clause: what a single clause means; Unclear when it is not understood.
    """
    meanings = [
        meaning
        for sentence in sentences(text)
        if LETTER.search(sentence) or sentence.strip(" .,!?…")
        for meaning in _read_sentence(sentence.strip(), read_clause)
    ]
    requests: list[Intent] = [
        meaning for meaning in meanings if not isinstance(meaning, Talk | Unclear)
    ]
    return requests or meanings[-1:]


def _read_sentence(sentence: str, read_clause: ReadClause) -> list[Intent]:
    for match in THEN_BREAK.finditer(sentence):
        parts = _break(sentence, match, read_clause)
        if parts:
            return parts
    is_addition = isinstance(read_clause(sentence), Add)
    for match in (SURE_BREAK if is_addition else ANY_BREAK).finditer(sentence):
        parts = _break(sentence, match, read_clause)
        if parts:
            return parts
    return [read_clause(sentence)]


def _break(sentence: str, match: re.Match[str], read_clause: ReadClause) -> list[Intent]:
    """The meanings on both sides of a joint, when both sides are requests."""
    left = read_clause(sentence[: match.start()])
    if isinstance(left, Unclear):
        return []
    rest = _read_sentence(sentence[match.end() :], read_clause)
    if any(isinstance(meaning, Unclear | Talk) for meaning in rest):
        return []
    return [*([] if isinstance(left, Talk) else [left]), *rest]


def join_descriptions(meanings: list[Intent]) -> list[Intent]:
    """Give a "Description: ..." of its own to the one new task before it."""
    joined: list[Intent] = []
    for meaning in meanings:
        before = joined[-1] if joined else None
        if isinstance(meaning, Describe) and isinstance(before, Add):
            last = before.tasks[-1]
            described = type(last)(last.title, meaning.description)
            joined[-1] = Add((*before.tasks[:-1], described))
        else:
            joined.append(meaning)
    return joined
