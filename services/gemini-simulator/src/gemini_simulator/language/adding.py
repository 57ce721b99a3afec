"""Sentences that add tasks."""

import re
from collections.abc import Callable

from gemini_simulator.language.grammar import Rule, Slots, rule
from gemini_simulator.language.intents import Add, Intent, MissingTitle, NewTask
from gemini_simulator.language.titles import clean_title, read_count, read_new_tasks

STRONG = "(add|create)"
WEAK = "(make|set up|set|put|put in|put down|insert|include|jot down|write down|note down|note|record|log|enter|schedule|save|start|open|new|register|track|save|throw in|append|remember)"
NOUN = r"(?:new |more |additional |extra |quick |simple |separate |different |little |to-?do |todo )*(?:tasks?|to-?dos?|todos?|to do(?:s|'s)?|items?|things?|reminders?|entry|entries|jobs?|chores?|errands?|ones?)(?: items?| tasks?| lists?)?"
HEAD = re.compile(
    rf"^(?P<how>(?:(?:a|an|the|my|me|some|this|these|those|following|another|one|one more|a couple(?: of)?|a few|few|couple|couple of|both|all|all of|more|new|next|same|two|three|four|five|six|seven|eight|nine|ten|\d{{1,2}})\s+)*)(?P<noun>{NOUN})?(?P<list> (?:to|on|onto|in|into) (?:my|the|our|your) (?:\S+ )?list)?(?P<mark>\s*[:\-–—]|,|\s|$)\s*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
MANY = re.compile(
    r"\b(?:these|those|following|some|couple|few|both|all|two|three|four|five|six|seven|eight|nine|ten|\d+)\b|s$",
    re.IGNORECASE,
)
INSTEAD_OF_TITLE = re.compile(
    r"^(?:(?:to|on|onto|in|into) )?(?:(?:it|this|that|something|one|another|more|another one|one more|a new one|anything|some) ?)?(?:(?:to|on|onto|in|into) (?:my|the|our) (?:\S+ )?(?:list|tasks|todos))?$",
    re.IGNORECASE,
)


def _add(tasks: list[NewTask]) -> Intent | None:
    return Add(tuple(tasks)) if tasks else MissingTitle()


def _from_phrase(slots: Slots) -> Intent | None:
    """What follows a strong verb: with or without "a task to" before the title."""
    phrase = slots["titles"]
    if INSTEAD_OF_TITLE.fullmatch(phrase):
        return MissingTitle()
    head = HEAD.match(phrase)
    if head is None or not head["noun"]:
        determiner = re.match(
            r"^(?:also|another|one more|a new|these|the following|my|in)\s*:?\s+",
            phrase,
            re.IGNORECASE,
        )
        rest = phrase[determiner.end() :] if determiner else phrase
        return _add(read_new_tasks(rest, many=None))
    if _noun_belongs_to_title(head):
        return _add(read_new_tasks(phrase, many=None))
    words = f"{head['how'] or ''}{head['noun']}"
    many = MANY.search(words) is not None
    count = read_count(head["how"] or "")
    return _add(read_new_tasks(head["rest"], many=many, count=count if many else None))


def _noun_belongs_to_title(head: re.Match[str]) -> bool:
    """ "add things to buy" names no thing to add, but "add reminder stickers" is a title."""
    rest = head["rest"]
    leads = re.match(
        r"(?:to|for|called|named|titled|about|saying|that|which|with|on|in|:|-|of|,|reading|where|[\ue000-\uf8ff])",
        rest,
        re.IGNORECASE,
    )
    has_mark = (head["mark"] or "").strip() != ""
    return bool(rest) and not leads and not has_mark and not head["how"].strip()


def _needs_noun(slots: Slots) -> Intent | None:
    """What follows an everyday verb: only "a task", "a reminder" or "on my list" make it a command."""
    phrase = slots["titles"]
    head = HEAD.match(phrase)
    if head is None or not head["noun"] or _noun_belongs_to_title(head):
        return None
    return _from_phrase(slots)


def _titles(*, many: bool | None) -> Callable[[Slots], Intent | None]:
    return lambda slots: _add(read_new_tasks(slots["titles"], many=many))


def _title(slots: Slots) -> Intent | None:
    title = clean_title(slots["title"])
    return Add((NewTask(title),)) if title else None


def _remembered(slots: Slots) -> Intent | None:
    """ "I need to buy milk and call mom": one task, or one for each thing to do."""
    title = clean_title(slots["title"])
    if not title or re.match(
        r"(?:know|see|think|find out|understand|ask|tell you|have a look|what)\b", title
    ):
        return None
    return _add(read_new_tasks(slots["title"], many=None))


RULES: tuple[Rule, ...] = (
    rule(f"{STRONG} (to|on|onto|in|into) (my|the|our) <list>[:] {{titles}}", _titles(many=None)),
    rule(
        f"{STRONG} [the] [following] (to|on|onto|in|into) (my|the|our) <list>[:] {{titles}}",
        _titles(many=True),
    ),
    rule(
        "(put|write|stick|get|place|throw|slap|note|jot) {titles} [down] (on|in|into|onto|to) (my|the|our) <list>",
        _titles(many=None),
    ),
    rule(f"{STRONG} {{titles}}", _from_phrase),
    rule(f"{STRONG}", lambda _: MissingTitle()),
    rule(f"{WEAK} {{titles}}", _needs_noun),
    rule(
        "(i'd like|i want|i need|can i have|could i have|give me|there's|there is|we need|i have|i've got|i got) {titles}",
        _needs_noun,
    ),
    rule(
        "(remind me|set a reminder|set me a reminder|a reminder|put a reminder) (to|about|for|of|that i need to|that i have to|that|i need to|i have to) {title}",
        _remembered,
    ),
    rule(
        "(don't let me forget|don't forget|never forget|i mustn't forget|i must not forget|i can't forget|i shouldn't forget|let me not forget|remember|make a note|note to self|make sure i remember|make sure i don't forget)[:] [to|about|that i need to|that i have to|i need to] {title}",
        _remembered,
    ),
    rule(
        "(i|we) [also|still|really|just] (need|have|ought|want|'ve got|got|am supposed|plan|am planning) to [also|still] [remember to] {title}",
        _remembered,
    ),
    rule("(i've|i) [also|still] (got to|gotta|gotto) {title}", _remembered),
    rule(
        "(i|we) [also|still|really] (must|should|gotta|shall) [also|still] [remember to|not forget to] {title}",
        _remembered,
    ),
    rule(
        "{titles} (needs to|should|has to|must|ought to) (go|be|be put|be added) (on|in|onto|to) (my|the) <list>",
        _titles(many=None),
    ),
    rule(
        "[a|one|the|my] (new|another|next|extra) (<task>|one)[:] [is|to|for|called|would be|-] {titles}",
        _titles(many=False),
    ),
    rule("[some|two|three|a few] [new] (tasks|todos|to-dos|to dos): {titles}", _titles(many=True)),
    rule(
        "(<task>|add|remind me|reminder|buy list|shopping|todo list|to do list): {titles}",
        _titles(many=None),
    ),
    rule(
        "{titles} (to|on|onto|in) (my|the) (list|to-do list|todo list|task list)",
        _titles(many=None),
    ),
    rule("(track|keep track of) {title} [for me]", _title),
)
