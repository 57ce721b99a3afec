"""Sentences that ask what there is: lists, counts, and one task's details."""

import re

from gemini_simulator.language.intents import Inspect, Intent, Pronoun, Show, Status
from gemini_simulator.language.targets import (
    COMPLETED,
    NOUN,
    PENDING,
    read_status,
    read_target,
    unwrap,
)

LISTS = r"(?:tasks|to-?dos|to do'?s|todos|items|reminders|things|stuff|chores|errands|(?:task |to-?do |todo |to do |shopping )?lists?|agenda|plate|to do list)"
VERB = r"(?:show|list|display|see|view|print|get|fetch|pull up|bring up|read|read out|read back|look at|check|give me|tell me|tell|what's|whats|what is|what are|what|which|how about|open|go through|go over|run through|enumerate|list out|name|recap|summari[sz]e|overview of|an? (?:overview|summary) of|where(?:'s| is| are))"
OPENING = re.compile(
    rf"^(?:{VERB}\s+(?:me\s+|us\s+|again\s+|up\s+|through\s+)*|remind me (?:of\s+|about\s+)?(?=what|which|my))",
    re.IGNORECASE,
)
HAVE = re.compile(
    rf"^(?:do i|have i|are there|is there|did i|am i|any|anything|nothing|what(?:'s| is| do| did| have| am| else| should| must| can)?|which|whats)\b",
    re.IGNORECASE,
)
COUNT = re.compile(
    r"^(?:and )?(?:how many|what'?s the (?:number|count) of|what is the number of|count(?: up)?|number of|the number of|tell me how many)\b",
    re.IGNORECASE,
)
DETAILS = re.compile(
    r"^(?:(?:show|tell|give|read)(?: me)?|what(?:'s| is| are| was| were)|see|view|get|check|read)?\s*(?:about\s+)?(?:the |a |its |any |more |some |all )*"
    r"(?:description|details?|notes?|more info|info|information|status|more)\s+(?:of|for|about|on|in)\s+(?:the )?(?P<target>.+)$",
    re.IGNORECASE,
)
SAYS = re.compile(
    r"^(?:what (?:does|did) (?P<says>.+?) (?:say|mean|contain|include)|(?:tell me (?:more )?about|more (?:about|on)|open|what about|look up|details on) (?P<about>.+)"
    r"|(?:is|are|was|were) (?P<is>.+?) (?:already |now |marked |marked as |still )*(?:done|finished|completed?|pending|open|checked off|ticked off)(?: yet| already)?"
    r"|(?:did|have) i (?:already )?(?:finish(?:ed)?|complete[d]?|done|do) (?P<did>.+?)(?: yet| already)?"
    r"|what(?:'s| is) (?:the )?(?P<noun>.+?)(?: task)? about)$",
    re.IGNORECASE,
)
OWN = rf"(?:on |of |for )?(?:all |any |every |each |everything |whole |entire |of |current |currently |today'?s |still |the |my |our |me |up |out |full |new |please |again |just |only |latest |recent )*"
NOUN_PHRASE = re.compile(
    rf"^{OWN}(?:(?:{COMPLETED}|{PENDING}) )?(?:{LISTS}|ones?|task)(?P<rest>.*)$|^{OWN}(?P<bare>{COMPLETED}|{PENDING})(?: {NOUN})?(?: (?:so far|today))?$|^(?:on |all )?(?:my |the )?(?:everything|all|list|agenda|plate)(?: .*)?$",
    re.IGNORECASE,
)
ABOUT = re.compile(
    rf"\b(?:{LISTS}|task|one|anything|something|any|everything)\s+(?:(?:that|which) (?:are|is|have|has|contain|contains|mention|mentions|include|includes) |(?:do i have )?)?"
    r"(?:about|with|containing|contain|mentioning|mention|related to|regarding|concerning|involving|matching|having to do with|to do with|named|called|like|starting with|that say)\s+(?:the word |the words )?(?P<about>.+?)(?: (?:in (?:them|it|the title|their titles?)|on (?:my|the) list|do i have))?$",
    re.IGNORECASE,
)
ON_LIST = re.compile(
    rf"^(?:is|are|do i have|have i got|did i add|is there|are there|have i added|do i already have)\s+(?:a |an |any |the )?(?P<about>.+?)\s+(?:already )?(?:on|in) (?:my|the) {LISTS}(?: already| yet)?$",
    re.IGNORECASE,
)
TO_DO = re.compile(
    r"\b(?:have|need|got|supposed|left|still|remains?|want|anything|something|nothing|stuff|things?)\b.{0,25}?\b(?:to do|to be done|to finish|to complete|to get done|left|on my plate|open|pending|due)\b|\bwhat(?:'s| is| do i have)? (?:next|left|remaining|open|pending|due|on)\b|\bwhat should i (?:do|work on|tackle)|\bhaven'?t (?:i )?(?:yet )?(?:done|finished|completed)|\bhave(?:n'?t| not) i\b|\bon my (?:plate|agenda|list|todo|to-do|mind)|\bstill (?:open|pending|to do|need)|\bto do (?:today|now|next|this week)?$|\bdo i have (?:on|today|for today|going on|planned|coming up)",
    re.IGNORECASE,
)
DONE = re.compile(
    r"\b(?:have i|did i|i've|i have|i)\b.{0,20}\b(?:done|finish(?:ed)?|complete[d]?|accomplish(?:ed)?|achieve[d]?|check(?:ed)? off|tick(?:ed)? off|got done|get done|do)\b"
    rf"|\b{COMPLETED}\b",
    re.IGNORECASE,
)
NOT_DONE = re.compile(
    r"(?:n't|not|never|still have|still need|yet to|left|remain|unfinished)\b.{0,25}", re.IGNORECASE
)


def read_listing(clause: str) -> Intent | None:
    """A question about the list, or None.

    Args: clause: without polite words and closing punctuation.
    """
    return _details(clause) or _listing(clause)


def _details(clause: str) -> Intent | None:
    match = DETAILS.match(clause)
    if match is not None:
        target = match["target"]
        return None if _is_list(target) else Inspect(read_target(target))
    says = SAYS.match(clause)
    if says is not None:
        target = next(group for group in says.groups() if group)
        if _is_list(target) or re.search(
            r"\b(?:there|anything|everything|you|i|my day)\b", target, re.IGNORECASE
        ):
            return None
        return Inspect(read_target(target))
    if re.fullmatch(
        r"(?:what'?s (?:the|its) (?:description|details?|notes?)|tell me more|more details?)",
        clause,
        re.IGNORECASE,
    ):
        return Inspect(Pronoun())
    return None


def _listing(clause: str) -> Intent | None:
    on_list = ON_LIST.match(clause)
    if on_list is not None and not re.fullmatch(
        r"(?:anything|something|things|tasks|stuff|what|nothing|there|much|many things)(?: left)?",
        on_list["about"],
        re.IGNORECASE,
    ):
        return Show(about=unwrap(on_list["about"]))
    counts = COUNT.match(clause)
    rest = clause[counts.end() :].strip() if counts else clause
    opening = OPENING.match(clause)
    phrase = clause[opening.end() :] if opening else rest
    is_phrase = NOUN_PHRASE.match(phrase) is not None
    asks = HAVE.match(clause) is not None and (
        is_phrase
        or TO_DO.search(clause)
        or DONE.search(clause)
        or re.search(rf"\b{LISTS}\b", clause, re.IGNORECASE)
    )
    if not (
        counts
        or is_phrase
        and (opening or _is_short(phrase))
        or asks
        or (opening and TO_DO.search(clause))
    ):
        return None
    if counts and not (
        is_phrase
        or re.search(
            rf"\b{LISTS}\b|\b{COMPLETED}\b|\b{PENDING}\b|\bdo i have\b|\bleft\b",
            clause,
            re.IGNORECASE,
        )
    ):
        return None
    about = ABOUT.search(clause)
    status = _status(clause[: about.start("about")] if about else clause)
    return Show(
        status=status,
        about=unwrap(about["about"]) if about else None,
        count_only=counts is not None,
    )


def _status(clause: str) -> Status:
    if re.search(
        r"\b(?:all|everything|every|whole|entire|complete list|full)\b", clause, re.IGNORECASE
    ) and not re.search(rf"\b(?:{PENDING}|finished|done|completed)\b", clause, re.IGNORECASE):
        return "all"
    if NOT_DONE.search(clause) or re.search(rf"\b{PENDING}\b", clause, re.IGNORECASE):
        return "pending"
    if TO_DO.search(clause) and not re.search(
        r"\bon my (?:list|todo|to-do)", clause, re.IGNORECASE
    ):
        return "pending"
    return "completed" if DONE.search(clause) else "all"


def _is_list(target: str) -> bool:
    return NOUN_PHRASE.match(target) is not None and not re.match(
        r"(?:the |my |that |this )?(?:task|one)\b", target, re.IGNORECASE
    )


def _is_short(phrase: str) -> bool:
    return len(phrase.split()) <= 5
