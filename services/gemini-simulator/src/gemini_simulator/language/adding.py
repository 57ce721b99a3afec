"""Sentences that add tasks."""

import re
from collections.abc import Callable

from gemini_simulator.language.grammar import Rule, Slots, compile_template, rule
from gemini_simulator.language.intents import Add, Intent, MissingTitle, NewTask
from gemini_simulator.language.titles import TitleHead, clean_title, read_new_tasks

# After these, even "it" or "one" alone is an order to add something.
NO_TITLE = compile_template(
    """(it|this|that|something|one|another|more|another one|one more|anything|some|something new)
    [[to|on|onto|in|into] (my|the|our) <list>]|(to|on|onto|in|into) (my|the|our) <list>"""
)
QUESTION = re.compile(
    r"(?:whats?|which|why|when|where|who|how|is|are|do|does|did|have)\b", re.IGNORECASE
)
WISH_TO_KNOW = re.compile(
    r"(?:know|see|find out|understand|think about|tell you) (?:what|which|my|if|how|when|all)\b",
    re.IGNORECASE,
)


def _add(tasks: list[NewTask]) -> Intent:
    return Add(tuple(tasks)) if tasks else MissingTitle()


def _after_add(slots: Slots) -> Intent | None:
    """What follows "add": a title, or "a task to" and then a title."""
    phrase = slots["titles"]
    if not phrase or NO_TITLE.fullmatch(phrase):
        return MissingTitle()
    head = TitleHead.read(phrase)
    if head is None:
        return _add(read_new_tasks(phrase, many=None))
    return _add(read_new_tasks(head.rest, many=head.is_many, count=head.count))


def _if_task_named(slots: Slots) -> Intent | None:
    """What follows an everyday verb: an order only with "a task", "a reminder" and the like."""
    head = TitleHead.read(slots["titles"])
    return _after_add(slots) if head is not None else None


def _titles(*, many: bool | None) -> Callable[[Slots], Intent | None]:
    def build(slots: Slots) -> Intent | None:
        is_question = QUESTION.match(slots["titles"])
        return None if is_question else _add(read_new_tasks(slots["titles"], many=many))

    return build


def _duty(slots: Slots) -> Intent | None:
    """ "I need to buy milk and call mom": one task, or one for each thing to do."""
    title = clean_title(slots["title"])
    if not title or WISH_TO_KNOW.match(title) or title.startswith("that "):
        return None
    return _add(read_new_tasks(slots["title"], many=None))


def _dated_duty(slots: Slots) -> Intent | None:
    """ "Tomorrow I have to ...": the day is said first, and belongs to the title."""
    return _duty({"title": f"{slots['title']} {slots['day']}"})


RULES: tuple[Rule[Intent], ...] = (
    rule(
        "(add|create) [the] [following] (to|on|onto|in|into) (my|the|our) <list>: {titles}",
        _titles(many=True),
    ),
    rule("(add|create) (to|on|onto|in|into) (my|the|our) <list> {titles}", _titles(many=None)),
    rule(
        """(put|write|stick|get|place|throw|note|jot) {titles} [down] (on|in|into|onto|to)
        ((my|the|our) <list>|there|it) [{how=<as_tasks>}]""",
        lambda slots: _add(read_new_tasks(f"{slots['titles']} {slots['how']}", many=None)),
    ),
    rule("(add|create) {titles}", _after_add),
    rule("add|create", lambda _: MissingTitle()),
    rule(
        """(make|set up|set|put|put in|put down|insert|include|jot down|write down|note down|note|
        record|log|enter|schedule|save|start|open|new|register|track|throw in|append|
        i'd like|i want|i need|can i have|give me|there's|there is|we need|i have|i've got)
        {titles}""",
        _if_task_named,
    ),
    rule(
        """(remind me|set a reminder|set me a reminder|a reminder|put a reminder)
        (to|about|for|of|that|[that] i (need|have) to) {title}""",
        _duty,
    ),
    rule(
        """(don't let me forget|don't forget|let me not forget|never forget|i mustn't forget|
        i must not forget|i can't forget|i shouldn't forget|remember|make a note|note to self|
        make sure i remember|make sure i don't forget|don't forget:|remember:|note to self:)
        [to|about|that i need to|that i have to|i need to] {title}""",
        _duty,
    ),
    rule(
        """(i|we) [also|still|really|just] (need|have|ought|am supposed|plan|am planning|'ve got)
        to (also|still|remember to|not forget to)* {title}""",
        _duty,
    ),
    rule("(i've|i) [also|still] (got to|gotta) {title}", _duty),
    rule("[also|still] (need|gotta|have|got) to {title}", _duty),
    rule("[also|still|i|we] need {title}", _duty),
    rule("(i'm|we're|we are|i am) (out of|running low on|running out of) {title}", _duty),
    rule(
        "(remind me|set a reminder) [on|for] {day=<day>} (to|about|that i have to) {title}",
        _dated_duty,
    ),
    rule(
        """{day=<day>}[,] (i|we) [also|still|really] (need to|have to|must|should|gotta|'ve got to)
        {title}""",
        _dated_duty,
    ),
    rule("(i|we) (don't|do not|mustn't) [want to] forget [to|about] {title}", _duty),
    rule(
        """(put|note|write|jot) [down] that (i|we) (need to|have to|must|should|want to) {title}""",
        _duty,
    ),
    rule(
        """(i|we) [also|still|really] (must|should|gotta|shall) (also|still|really|remember to|not
        forget to)* {title}""",
        _duty,
    ),
    rule(
        """{titles} (needs to|should|has to|must|ought to) (go|be|be put|be added)
        (on|in|onto|to) (my|the) <list>""",
        _titles(many=None),
    ),
    rule(
        """[a|one|the|my] (new|another|next|extra) (<task>|one|<task>:)
        [is|to|for|called|would be|-] {titles}""",
        _titles(many=False),
    ),
    rule("(a|one|my|another)* <task> for {day=<day>}: {title}", _dated_duty),
    rule("[some|two|three|a few] [new] (tasks|todos|to-dos): {titles}", _titles(many=True)),
    rule("(<task>|add|reminder|todo list|to do list|remind me): {titles}", _titles(many=None)),
    rule(
        "{titles} (to|on|onto|in) (my|the) (list|to-do list|todo list|task list)",
        _titles(many=None),
    ),
    rule("(track|keep track of) {title}", _duty),
)
