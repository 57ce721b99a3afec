"""Sentences that ask what there is: lists, counts, and one task's details."""

import re

from gemini_simulator.language.grammar import Rule, Slots, compile_template, first_meaning, rule
from gemini_simulator.language.intents import Inspect, Intent, Pronoun, Show
from gemini_simulator.language.targets import read_status, read_target, unwrap
from gemini_simulator.language.words import is_past_of_task

ASK = compile_template("(show|tell|give|list|remind) [me|us]")
NOT_A_TITLE = re.compile(
    r"(?:there|(?:any|some|every|no)?things?|tasks|stuff|what|much|you|i|we|my day)\b",
    re.IGNORECASE,
)


def _by_status(slots: Slots) -> Intent:
    return Show(read_status(slots.get("status", "")))


def _all(_: Slots) -> Intent:
    return Show()


def _pending(_: Slots) -> Intent:
    return Show("pending")


def _completed(_: Slots) -> Intent:
    return Show("completed")


def _on_list(slots: Slots) -> Intent:
    """ "What's next?" asks for open tasks, "what's on my list?" for all."""
    return Show("all" if slots["list"] else "pending")


def _about(slots: Slots) -> Intent | None:
    if NOT_A_TITLE.match(slots["about"]):
        return None
    return Show(read_status(slots.get("status", "")), about=unwrap(slots["about"]))


def _count(slots: Slots) -> Intent | None:
    """ "How many ...": what follows says which tasks, as it would after "show"."""
    for said in (f"show {slots['rest']}", slots["rest"], f"which {slots['rest']}"):
        found = first_meaning(LISTS, said)
        if isinstance(found, Show):
            return Show(found.status, found.about, count_only=True)
    return None


def _is_it(slots: Slots) -> Intent | None:
    """ "Is the rent paid?": the task says whether."""
    target, _, verb = f"{slots['target']} {slots['verb']}".rpartition(" ")
    return _inspect({"target": target}) if target and is_past_of_task(verb) else None


def _inspect(slots: Slots) -> Intent | None:
    if NOT_A_TITLE.match(slots["target"]) or first_meaning(LISTS, slots["target"]):
        return None
    return Inspect(read_target(slots["target"]))


LISTS: tuple[Rule[Intent], ...] = (
    rule(
        """[<ask>|<have>] (<own>|any|a)* [{status=<status>}]
        (<ones>|<one>|<list>|everything|anything|something)
        [that|which|that are|are|do i have|i have]
        (about|with|containing|contain|contains|mentioning|mention|mentions|related to|regarding|
        concerning|involving|matching|to do with|named|called|starting with|that say)
        [the word|the words] {about} [in it|in them|in the title|<from_list>|do i have]""",
        _about,
    ),
    rule(
        """(is|are|do i have|have i got|did i add|is there|are there|have i added|did i put|
        do i already have) [a|an|any|the] {about} [already] (on|in) (my|the) <list> [<when>]""",
        _about,
    ),
    rule("[<ask>] (<own>)* {status=<status>} [<ones>|<one>|<list>] (<tail>)*", _by_status),
    rule(
        """<ask> (<own>)* (<ones>|<one>|<list>|everything|all|what|those|which)
        [that|which|of them] (is|are|i've|i have|have|were|have i|i|we|has been|have been|was)*
        [marked|marked as] {status=<status>} [<when>]""",
        _by_status,
    ),
    rule(
        """(<own>)* (<ones>|<one>|everything|all|which|which ones) (that|which|of them|i've|i have)
        (is|are|have|were|has been|have been|was)* [marked|marked as] {status=<status>} [<when>]""",
        _by_status,
    ),
    rule("(what|which <ones>|which) (is|are|were)* {status=<status>} [<when>]", _by_status),
    rule(
        """[<ask>] (<own>)* (what|everything|all|anything|<ones>|the things) [that|which]
        (i|we) (still|yet|now)* (need|have|had|got|am supposed|ought|should|must) [still|left]
        [to] (do|finish|complete|get done|to do) [<when>]""",
        _pending,
    ),
    rule(
        """[<ask>] (<own>)* (what|everything|all|<ones>) [that|which] (i|we|i've|we've)
        (have|already|actually)* <finish> [<when>]""",
        _completed,
    ),
    rule(
        """[<ask>] (<own>)* (what|everything|<ones>) [that|which] (i|we)
        (haven't|have not|didn't|did not) (yet|actually)* <finish> [<when>]""",
        _pending,
    ),
    rule("[<ask>] (<own>)* (<ones>|<list>|everything|agenda|plate|rest) (<tail>)*", _all),
    rule("<ask> (<own>)* <task>", _all),
)
QUESTIONS: tuple[Rule[Intent], ...] = (
    rule(
        """[and|so] (how many|the number of|number of|count|count up|tell me how many|
        what's the number of|what is the number of) {rest}""",
        _count,
    ),
    rule(
        "<question> (haven't|have not|didn't|did not) (i|we) (yet|still)* <finish> [<when>]",
        _pending,
    ),
    rule("<question> (have|did) (i|we) (already|actually|all)* <finish> [<when>]", _completed),
    rule(
        """(<question>|<any>) (is|are|do i|i|we|still|yet|there|else|should i|must i|do|have i)*
        [have|need|got] [left|still] (left|left over|to do|remaining|remains|open|pending|
        outstanding|due|unfinished|to be done|to finish|to get done|to complete|on my plate|
        on the agenda|supposed to do|planned) [<when>]""",
        _pending,
    ),
    rule(
        """<question> (should|must|shall|can|could|do) i (still|now)*
        (do|work on|tackle|start with|focus on) [<when>]""",
        _pending,
    ),
    rule(
        """<question> (do|should) i (still)* (have|need) [left] to
        (do|finish|get done|complete) [<when>]""",
        _pending,
    ),
    rule("what else (is there|do i have) [<when>]", _pending),
    rule("do i (still)* (have|need) to do (anything|something) [<when>]", _pending),
    rule(
        """(do i have|have i got|are there|is there|do we have) (still|any|anything|something|some|
        any of|other|more|on|in|the|my)* [{status=<status>}] [<ones>|<list>|plate|agenda]
        (<tail>)*""",
        _by_status,
    ),
    rule(
        """(what do i have|what have i got|what have i|what's|whats|what is|what are|what all is)
        (still|on|in|for|my|the)* [{list=<list>}|plate|agenda|mind]
        [<when>|going on|planned|coming up|up]""",
        _on_list,
    ),
    rule(
        "am i done [with everything] [<when>]|is (everything|it all) (done|finished) [<when>]",
        _pending,
    ),
)
DETAILS: tuple[Rule[Intent], ...] = (
    rule(
        """[show|show me|tell me|give me|read|read me|what is|what's|whats|what are|what was|see|
        view|get|check] (the|a|its|any|more|some|all|about)* (<description>|information|status|more)
        (of|for|about|on|in) {target}""",
        _inspect,
    ),
    rule("what (does|did) {target} (say|mean|contain|include)", _inspect),
    rule(
        "(tell me more about|tell me about|more about|more on|open|look up|details on) {target}",
        _inspect,
    ),
    rule(
        """(is|are|was|were) {target} (already|now|marked|marked as|still)*
        (done|finished|complete|completed|pending|open|checked off|ticked off) [<when>]""",
        _inspect,
    ),
    rule(
        """(did|have) i (already|ever|actually)* (finish|finished|complete|completed|done|do)
        {target} [<when>]""",
        _inspect,
    ),
    rule("(is|are|was|were|has|have) {target} (been|already)* {verb} [<when>]", _is_it),
    rule("(did|have) i (already|ever|actually)* {verb} {target} [<when>]", _is_it),
    rule("what's {target} about", _inspect),
    rule(
        """what's (the|its) <description>|tell me more|more details|what does it say""",
        lambda _: Inspect(Pronoun()),
    ),
)


def read_listing(clause: str) -> Intent | None:
    """A question about the list, or None.

    Args: clause: without polite words and closing punctuation.
    """
    found = first_meaning((*DETAILS, *QUESTIONS, *LISTS), clause)
    inner = ASK.match(clause)
    if found is None and inner is not None:
        return first_meaning(QUESTIONS, clause[inner.end() :].strip())
    return found
