"""Cutting a message into the requests that it is made of."""

import re
from collections.abc import Callable, Iterator
from functools import cache

from gemini_simulator.language.grammar import compile_template
from gemini_simulator.language.intents import Add, Complete, Delete, Intent, Talk, Unclear

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
# What stands behind "add a task:" is its title, orders and all.
HEADED = re.compile(r"(?:please )?(?:add|create|new|make)\b[^:]{0,30}:", re.IGNORECASE)
LETTER = re.compile(r"[^\W_]|[\ue000-\uf8ff]")

LONGEST_CUT_SENTENCE = 600  # beyond this, cutting would take longer than anybody waits

ReadClause = Callable[[str], Intent]


def sentences(text: str) -> Iterator[str]:
    """The sentences of a message; an abbreviation's dot ends none."""
    start = 0
    for match in SENTENCE_END.finditer(text):
        if not ABBREVIATION.search(text[: match.end()].rstrip()):
            yield text[start : match.end()].strip()
            start = match.end()
    yield text[start:].strip()


class Cutter:
    """Cuts one message. Args: read_clause: what a clause means; Unclear when it is not understood.

    A cut is tried at every joint and on both sides of it, so what was read is kept.
    """

    def __init__(self, read_clause: ReadClause) -> None:
        self._read_clause = cache(read_clause)
        self._read_sentence = cache(self._cut_sentence)

    def read(self, text: str) -> list[Intent]:
        """What each part of the message means, in order."""
        return [
            meaning
            for sentence in sentences(text)
            if LETTER.search(sentence)
            for meaning in self._read_sentence(sentence)
        ]

    def _cut_sentence(self, sentence: str) -> tuple[Intent, ...]:
        whole = self._read_clause(sentence)
        is_headed = isinstance(whole, Add) and HEADED.match(sentence)
        if is_headed or len(sentence) > LONGEST_CUT_SENTENCE:
            return (whole,)
        for joint in THEN.finditer(sentence):
            if _opens(OPENING, sentence, joint) and (parts := self._cut(sentence, joint)):
                return parts
        opening = SURE_OPENING if isinstance(whole, Add) else OPENING
        for joint in JOINT.finditer(sentence):
            opens = _opens(opening, sentence, joint)
            parts = self._cut(sentence, joint)
            if parts and (opens or _is_report(whole, parts)):
                return parts
        return self._salvage(sentence) if isinstance(whole, Unclear) else (whole,)

    def _cut(self, sentence: str, joint: re.Match[str]) -> tuple[Intent, ...]:
        """The meanings on both sides of a joint, when both sides are requests; else nothing."""
        left = self._read_clause(sentence[: joint.start()])
        if isinstance(left, Unclear):
            return ()
        rest = self._read_sentence(sentence[joint.end() :])
        if any(isinstance(meaning, Unclear | Talk) for meaning in rest):
            return ()
        return rest if isinstance(left, Talk) else (left, *rest)

    def _salvage(self, sentence: str) -> tuple[Intent, ...]:
        """The request in a sentence that is a remark otherwise: "delete it, I was there"."""
        for joint in JOINT.finditer(sentence):
            for part in (sentence[: joint.start()], sentence[joint.end() :]):
                meaning = self._read_clause(part)
                if not isinstance(meaning, Unclear | Talk):
                    return (meaning,)
        return (self._read_clause(sentence),)


def _is_report(whole: Intent, parts: tuple[Intent, ...]) -> bool:
    """ "... and call mom is done": no opening word, but nothing else it could mean."""
    return not isinstance(whole, Add) and isinstance(parts[-1], Complete | Delete)


def _opens(opening: re.Pattern[str], sentence: str, joint: re.Match[str]) -> bool:
    match = opening.match(sentence, joint.end())
    return match is not None and not sentence[match.end() : match.end() + 1].isalnum()
