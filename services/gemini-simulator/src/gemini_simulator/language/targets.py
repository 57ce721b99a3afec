"""Which tasks a phrase means: "it", "the second one", "all completed tasks", "the milk task"."""

import re

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
    "eighth": 8, "ninth": 9, "tenth": 10, "last": -1, "final": -1, "bottom": -1, "top": 1,
    "second to last": -2, "second last": -2, "1st": 1, "2nd": 2, "3rd": 3,
}  # fmt: skip

COMPLETED = r"(?:already\s+)?(?:completed?|finished|done|checked[- ]off|ticked[- ]off|crossed[- ]off|closed)"
PENDING = (
    r"(?:still\s+)?(?:pending|open|unfinished|incomplete|outstanding|remaining|uncompleted|undone|"
    r"active|not (?:yet )?(?:done|completed?|finished)|left(?: over)?)"
)
NOUN = r"(?:(?:to-?do |todo )?(?:tasks?|items?|todos?|to-?dos?|entries|entry|reminders?|things?)|ones?)"
DETERMINER = r"(?:the|my|that|this|those|these|a|an|our)"

ONE = re.compile(
    rf"(?:it|that|this|it all|(?:that|this|the|the same) (?:one|thing|{NOUN}|last thing)|that new (?:one|task)|the (?:one|{NOUN}) (?:i|you) just (?:mentioned|said|talked about|told me))",
    re.IGNORECASE,
)
MANY = re.compile(
    rf"(?:them|those|these|both|they|all (?:of )?(?:them|those|these)|them all|those all|both of (?:them|those|these)|"
    rf"(?:those|these|both|both of those|all of those|both those) {NOUN}|the (?:two|three|four|five)(?: of them| {NOUN})?|"
    rf"all (?:two|three|four|five)(?: of (?:them|those))?(?: {NOUN})?|each of (?:them|those)|the (?:both|lot))",
    re.IGNORECASE,
)
RECENT = re.compile(
    r"(?:the|my) (?P<count>\w+ )?(?P<kind>last|latest|newest|most recent|oldest|earliest)(?: (?P<count2>two|three|four|five))?"
    rf"(?: {NOUN})?(?P<added> (?:that )?(?:i|you|we)(?:'ve)? (?:just )?(?:added|created|made|put in))?",
    re.IGNORECASE,
)
JUST_ADDED = re.compile(
    rf"(?:the|that) {NOUN} (?:that )?(?:i|you|we)(?:'ve)? (?:just|recently) (?:added|created|made|put in)",
    re.IGNORECASE,
)
EVERYTHING = re.compile(
    rf"(?:absolutely )?(?:(?:all|every|each)(?: (?:of )?(?:the|my|our))?(?: single)?(?: (?P<before>{COMPLETED}|{PENDING}))?(?: {NOUN})?|"
    rf"everything|every ?thing|(?:the|my) (?:whole|entire|complete) (?:\S+ )?list|(?:the|my) (?:to-?do |todo |task )?list|"
    rf"(?:(?:the|my|any) )?(?P<alone>{COMPLETED}|{PENDING})(?: (?:tasks|items|todos|to-?dos|ones|things|stuff))|my tasks|the tasks|"
    rf"whatever)"
    rf"(?:,? (?:(?:which|that) (?:is|are)|that's|which's|i've|i have|that i've|that i have|that i|i|is|are)? ?(?:all |already )?(?P<after>{COMPLETED}|{PENDING}))?"
    r"(?: (?:on|in|from) (?:my|the) (?:\S+ )?list)?",
    re.IGNORECASE,
)
BUT = re.compile(
    r"(?P<all>.+?),? (?:except(?: for)?|but(?: not| keep)?|apart from|other than|excluding|besides|save for)(?: for)? (?P<but>.+)",
    re.IGNORECASE,
)
EVERY_MATCH = re.compile(
    rf"(?:(?:all|every|both|each)(?: (?:of )?(?:the|my))?(?P<status> (?:{COMPLETED}|{PENDING}))? (?:(?P<words>.+?) (?:tasks?|items?|todos?|ones|reminders|things)|"
    rf"{NOUN} (?:about|with|containing|that mention|mentioning|related to|having to do with|for|named|called|that say) (?P<about>.+))|"
    r"everything (?:about|with|containing|related to|to do with|that mentions|mentioning|for) (?P<thing>.+))",
    re.IGNORECASE,
)
NUMBER = rf"(?:{'|'.join(sorted(ORDINALS, key=len, reverse=True))}|\d{{1,3}}(?:st|nd|rd|th)?)"
PLACES = re.compile(
    rf"(?:the )?(?:(?:{NOUN}|numbers?|nos?\.?|nr\.?|option|position|#) ?#?)?(?P<numbers>#?{NUMBER}(?:(?:,? and |, ?| & | or )(?:the |number |task |#)?{NUMBER})*)(?: {NOUN})?(?: (?:on|in|from|of) (?:the|my|that|your) (?:\S+ )?list)?",
    re.IGNORECASE,
)
SPAN = re.compile(
    rf"(?:{NOUN}|numbers?|#)? ?(?P<from>\d{{1,2}}) ?(?:-|–|to|through|until) ?(?P<to>\d{{1,2}})",
    re.IGNORECASE,
)
SEVERAL = re.compile(
    rf"(?:the )?(?P<end>first|top|last|bottom) (?P<count>two|three|four|five|six|\d)(?: {NOUN})?",
    re.IGNORECASE,
)
WRAPPING = re.compile(
    rf"^(?:(?:{DETERMINER}|task|item|todo|to-?do|reminder|one)\s+)*?"
    r"(?:(?:task|item|todo|to-?do|reminder|one|entry)s?\s+)?"
    r"(?:(?:called|named|titled|labelled|labeled|saying|that says|which says|with the title|about|regarding|concerning)\s+)?",
    re.IGNORECASE,
)
TRAILING = re.compile(
    r"\s+(?:tasks?|items?|todos?|to-?dos?|reminders?|entry|one)$|\s+(?:from|on|off|in|of) (?:my|the) (?:\S+ )?(?:list|tasks|todos)$",
    re.IGNORECASE,
)


def read_target(phrase: str) -> Target:
    """What a phrase points at; words of a title when it is nothing else.

    Args: phrase: the part of a sentence that names tasks; quotations as placeholders.
    """
    text = " ".join(phrase.split()).strip(" ,.!?;:")
    if is_quoted(text):
        return Words(text)
    if ONE.fullmatch(text):
        return Pronoun()
    if MANY.fullmatch(text):
        return Pronoun(many=True)
    return (
        _recent(text)
        or _everything(text)
        or _places(text)
        or _every_match(text)
        or Words(unwrap(text))
    )


def unwrap(phrase: str) -> str:
    """The words of a title without "the", "task called" and "from my list" around them."""
    text = TRAILING.sub("", TRAILING.sub("", phrase.strip()))
    unwrapped = WRAPPING.sub("", text, count=1).strip(" ,.:;")
    return unwrapped or phrase.strip()


def read_status(text: str | None) -> Status:
    """The status that a word like "finished" or "open" means; "all" for none."""
    if not text:
        return "all"
    if re.search(PENDING, text, re.IGNORECASE):
        return "pending"
    return "completed" if re.search(COMPLETED, text, re.IGNORECASE) else "all"


def _recent(text: str) -> Target | None:
    if JUST_ADDED.fullmatch(text):
        return Pronoun()
    match = RECENT.fullmatch(text)
    if match is None:
        return None
    kind = match["kind"].lower()
    if kind == "last" and not match["added"]:
        return None
    count = CARDINALS.get((match["count"] or match["count2"] or "one").strip().lower(), 1)
    return Recent(count=count, oldest=kind in ("oldest", "earliest"))


def _everything(text: str) -> Target | None:
    exception = BUT.fullmatch(text)
    if exception is not None:
        whole = _everything(exception["all"])
        if isinstance(whole, Everything):
            return Everything(whole.status, but=unwrap(exception["but"]))
        return None
    match = EVERYTHING.fullmatch(text)
    if match is None:
        return None
    return Everything(read_status(match["before"] or match["alone"] or match["after"]))


def _every_match(text: str) -> Target | None:
    match = EVERY_MATCH.fullmatch(text)
    if match is None:
        return None
    words = match["words"] or match["about"] or match["thing"]
    return Words(unwrap(words), every=True, status=read_status(match["status"]))


def _places(text: str) -> Target | None:
    several = SEVERAL.fullmatch(text)
    if several is not None:
        word = several["count"].lower()
        count = CARDINALS.get(word) or int(word)
        from_end = several["end"].lower() in ("last", "bottom")
        numbers = range(-count, 0) if from_end else range(1, count + 1)
        return Places(tuple(numbers), text)
    span = SPAN.fullmatch(text)
    if span is not None and int(span["from"]) < int(span["to"]):
        return Places(tuple(range(int(span["from"]), int(span["to"]) + 1)), text)
    match = PLACES.fullmatch(text)
    if match is None:
        return None
    numbers_found = re.findall(NUMBER, match["numbers"], re.IGNORECASE)
    return Places(tuple(_number(word.lower()) for word in numbers_found), text)


def _number(word: str) -> int:
    return ORDINALS.get(word) or int(re.sub(r"\D", "", word))
