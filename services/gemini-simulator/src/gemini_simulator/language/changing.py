"""Sentences that change a task's title or description."""

from gemini_simulator.language.days import is_when
from gemini_simulator.language.grammar import Rule, Slots, rule
from gemini_simulator.language.intents import (
    Change,
    Describe,
    Intent,
    Meant,
    MissingTitle,
    Pronoun,
    Target,
)
from gemini_simulator.language.politeness import strip_closings
from gemini_simulator.language.targets import read_target
from gemini_simulator.language.titles import split_description
from gemini_simulator.language.words import is_past_of_task

NO_TITLES = frozenset(
    {
        "complete",
        "completed",
        "done",
        "finished",
        "incomplete",
        "not complete",
        "not completed",
        "not done",
        "not finished",
        "open",
        "pending",
        "something else",
        "to do",
        "todo",
        "uncompleted",
        "undone",
        "unfinished",
    }
)


def _target(slots: Slots) -> Target:
    phrase = slots.get("target", "")
    return read_target(phrase) if phrase else Pronoun()


def _rename(slots: Slots) -> Intent | None:
    title, description = split_description(slots["title"])
    title = strip_closings(title).removesuffix(" instead").strip(" .,:")
    if not title or _is_status(title) or is_past_of_task(title):
        return None
    return Change(_target(slots), title=title, description=description)


def _move(slots: Slots) -> Intent | None:
    """ "Move the dentist to thursday"; "move the milk to the top" changes no title."""
    return _rename(slots) if is_when(slots["title"]) else None


def _rename_old(slots: Slots) -> Intent | None:
    return _rename({**slots, "target": slots["old"]})


def _describe(slots: Slots) -> Intent | None:
    text = strip_closings(slots["text"]).strip(" ,:")
    return Change(_target(slots), description=text) if text else None


def _blank(slots: Slots) -> Intent:
    return Change(_target(slots), description="")


def _is_status(title: str) -> bool:
    return title.lower().removesuffix(" again") in NO_TITLES


def _ask_title(slots: Slots) -> Intent | None:
    """ "Change the rent"; "change the rent to open" gives no new title, and asks for none."""
    is_marking = _is_status(slots["target"].rpartition(" to ")[2])
    return None if is_marking else MissingTitle(_target(slots))


def _continue(slots: Slots) -> Intent:
    return Describe(strip_closings(slots["text"]).strip(" ,:"))


DESCRIPTIONS: tuple[Rule[Intent], ...] = (
    rule(
        """(delete|remove|clear|erase|drop|empty) [the|its|that|all] <description>
        (of|from|for|on|off|in) {target}""",
        _blank,
    ),
    rule("(delete|remove|clear|erase|drop|empty) (the|its|that) <description>", _blank),
    rule(
        """(change|update|edit|modify|set|make|alter|adjust|replace) [the|its] <description>
        (of|for|on) {target} <to> {text}""",
        _describe,
    ),
    rule("(change|update|edit|modify|set) {target}'s <description> <to> {text}", _describe),
    rule("(change|update|edit|modify|set|make) (the|its) <description> <to> {text}", _describe),
    rule(
        """(add|attach|put|write|leave|include|append) [a|the|this|an|some|another]
        [short|quick|new] <description> (to|for|on|in|onto) (it|that|this|it:|that:)
        [<says>] {text}""",
        _describe,
    ),
    rule(
        """(add|attach|put|write|leave|include|append) [a|the|this|an|some|another]
        [short|quick|new] <description> (to|for|on|in|onto|about|under)
        ({target} (saying that|that says|which says|saying|with the text|to say|as|that|-|—)|
        {named}:) {text}""",
        lambda slots: _describe({**slots, "target": slots["target"] or slots["named"]}),
    ),
    rule(
        """(add|attach|put|write|leave|include|append) [a|the|this|an|some|another]
        [short|quick|new] (<description>|<description>:) [<says>] {text}
        (to|for|on|onto|under) {target}""",
        _describe,
    ),
    rule(
        """(add|attach|put|write|append|note) {text} (to|in|into|as|on) [a|the|its] <description>
        (of|for|to|on) {target}""",
        _describe,
    ),
    rule("(note|note down|write) (on|for) {target} that {text}", _describe),
    rule(
        """{target}: (add|set|put|write) [a|the|this] (<description>|<description>:) [<says>]
        {text}""",
        _describe,
    ),
    rule("describe {target} (as|with|by saying) {text}", _describe),
    rule(
        """(give|update|change|edit|set) {target} [with|to have|to include|so it has]
        [a|the|this|new] (<description>|<description>:) [<says>] {text}""",
        _describe,
    ),
    rule(
        """(for|on|to|in) {target}[,] (add|set|put|write|use|note|make|change) [a|the|this]
        (<description>|<description>:) [<says>|<to>] {text}""",
        _describe,
    ),
    rule(
        """[the] <description> (of|for|on) {target}
        (should be|is|should say|must be|should read|needs to be|becomes) {text}""",
        _describe,
    ),
    rule(
        """{target} ((should|needs to|must) have|needs|gets) [the|a]
        (<description>|<description>:) [<says>] {text}""",
        _describe,
    ),
    rule(
        """[the|its|with|with a|with the|and a|a] <description>
        (should be|is|should say|says|that says|saying|should read|would be) {text}""",
        _continue,
    ),
    rule("[the|its|with|a] <description>: {text}", _continue),
)
TITLES: tuple[Rule[Intent], ...] = (
    rule(
        """(rename|retitle|reword|rephrase|change|update|edit) [the] (title|name|wording|text)
        [of {target}] from {old} to {title}""",
        _rename_old,
    ),
    rule("(rename|retitle|change|update) from {old} to {title}", _rename_old),
    rule(
        """(rename|retitle|reword|rephrase) [the|its] [title|name] [of] {target} <to> {title}""",
        _rename,
    ),
    rule("(call|name|title) (it|that|this|that one|this one) [to|as] {title}", _rename),
    rule(
        """(change|update|edit|modify|alter|adjust) [[the|its] (title|name|text|wording) [of|for]]
        {target} (to be called|to be|to say|to read|to|into|so it says|so that it says|->|→)
        {title}""",
        _rename,
    ),
    rule(
        """(replace|swap|switch|turn|correct|fix|convert|transform|substitute)
        [the (title|name) of] {target} (with|for|to|into|by|so it says) {title}""",
        _rename,
    ),
    rule("(move|reschedule|postpone|push|shift) {target} (to|until) {title}", _move),
    rule("(make|have) {target} (say|read|be called|into) {title}", _rename),
    rule("make (it|that|this|that one) {title}", _rename),
    rule("(call|name|title) {target} {title} instead", _rename),
    rule("(edit|change|update) {target}: it should (be|say|read) {title}", _rename),
    rule("give {target} (the|a) [new|different] (title|name) [of] {title}", _rename),
    rule(
        """[the] (title|name) of {target} (should be|should read|should say|must be|needs to be)
        {title}""",
        _rename,
    ),
    rule(
        """{target} (should|needs to|must|ought to|has to) [actually]
        (be called|be named|be renamed to|be titled|say|read|be|be changed to) {title}""",
        _rename,
    ),
    rule(
        """[the|its|my] new (name|title|text) (is|should be|would be) {title}|
        [the|its|my] new (name|title|text): {text}""",
        lambda slots: _rename({"title": slots["title"] or slots["text"]}),
    ),
    rule(
        """(it should be|it should say|that should be|that should say|should be) {title}""",
        _rename,
    ),
    rule(
        """[sorry|oh|no|oops] (i meant|i mean|i actually meant|i was talking about) {text}""",
        lambda slots: Meant(slots["text"]),
    ),
    rule(
        "instead of {target} (make it|it should be|it should say|put|write|call it) {title}",
        _rename,
    ),
    rule("(rename|retitle|reword|rephrase) {target}", _ask_title),
    rule("(change|update|edit|modify) [the] (title|name) of {target}", _ask_title),
    rule("(change|edit|modify|update) {target}", _ask_title),
)
RULES: tuple[Rule[Intent], ...] = (*DESCRIPTIONS, *TITLES)
