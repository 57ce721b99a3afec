"""Sentences that change a task's title or description."""

from gemini_simulator.language.grammar import Rule, Slots, rule
from gemini_simulator.language.intents import (
    Change,
    Describe,
    Intent,
    MissingTitle,
    Pronoun,
    Target,
)
from gemini_simulator.language.politeness import strip_closings
from gemini_simulator.language.targets import read_target
from gemini_simulator.language.titles import split_description

TITLE_OF = "[the|its] [title|name|text|wording|titles|names] [of|for]"


def _target(slots: Slots) -> Target:
    phrase = slots.get("target", "")
    return read_target(phrase) if phrase else Pronoun()


def _rename(slots: Slots) -> Intent | None:
    title, description = split_description(slots["title"])
    title = strip_closings(title).removesuffix(" instead").strip(" .,:")
    if title.lower() in (
        "done",
        "complete",
        "completed",
        "finished",
        "pending",
        "open",
        "something else",
        "not done",
    ):
        return None
    return Change(_target(slots), title=title, description=description) if title else None


def _describe(slots: Slots) -> Intent | None:
    text = strip_closings(slots["text"]).strip(" ,:")
    return Change(_target(slots), description=text) if text else None


def _blank(slots: Slots) -> Intent | None:
    return Change(_target(slots), description="")


def _ask_title(slots: Slots) -> Intent | None:
    return MissingTitle(_target(slots))


def _continue(slots: Slots) -> Intent | None:
    return Describe(strip_closings(slots["text"]).strip(" ,:"))


RULES: tuple[Rule, ...] = (
    rule(
        "(delete|remove|clear|erase|drop|empty) [the|its|that|all] <description> [of|from|for|on|off] {target}",
        _blank,
    ),
    rule("(delete|remove|clear|erase|drop|empty) (the|its|that) <description>", _blank),
    rule("<change> [the|its] <description> (of|for|on) {target} <to> {text}", _describe),
    rule("<change> {target}'s <description> <to> {text}", _describe),
    rule("<change> (the|its) <description> <to> {text}", _describe),
    rule(
        "(add|attach|put|write|leave|include|append|give) [a|the|this|an|some|another] [short|quick|new] <description> (to|for|on|in|onto|about|under) {target}[,] <says> {text}",
        _describe,
    ),
    rule(
        "(add|attach|put|write|leave|include|append|give) [a|the|this|an|some|another] [short|quick|new] <description> <says> {text} (to|for|on|in|onto|under) {target}",
        _describe,
    ),
    rule(
        "(add|attach|put|write|leave|include|append) [a|the|this|an|some|another] <description> (to|for|on) (it|that|this)[,] [<says>] {text}",
        lambda s: _describe({**s, "target": "it"}),
    ),
    rule(
        "(add|attach|put|write|append|note) {text} (to|in|into|as|on) [a|the|its] <description> (of|for|to|on) {target}",
        _describe,
    ),
    rule("(note|note down|write) (on|for|to|in) {target} (that|:) {text}", _describe),
    rule("(describe) {target} (as|with|by saying|:) {text}", _describe),
    rule(
        "(give|update|change|edit|set) {target} [with|to have|to include|so it has|,] [a|the|this|new] <description> [<says>|of] {text}",
        _describe,
    ),
    rule(
        "(for|on|to|in) {target}[,] (add|set|put|write|use|note|make|change) [a|the|this] <description> [<says>|<to>|of] {text}",
        _describe,
    ),
    rule(
        "[the] <description> (of|for|on) {target} (should be|is|should say|must be|should read|needs to be|becomes|:) {text}",
        _describe,
    ),
    rule(
        "{target} (should|needs to|must) have [the|a] <description> [<says>|of] {text}", _describe
    ),
    rule(
        "[the|its|with|with a|with the|and a|a] <description>[:] (should be|is|should say|says|:|that says|saying|should read|would be) {text}",
        _continue,
    ),
    rule("<description>: {text}", _continue),
    rule(
        f"(rename|retitle|re-title|rename the task|reword|rephrase) {TITLE_OF} {{target}} <to> {{title}}",
        _rename,
    ),
    rule(
        "(rename|retitle|call|name|title) (it|that|this|that one|this one) [to|as|into] {title}",
        lambda s: _rename({**s, "target": "it"}),
    ),
    rule(
        f"<change> {TITLE_OF} {{target}} (from {{old}} to|to be called|to be|to say|to read|to|into|so it says|so that it says|->|→|:|, make it) {{title}}",
        lambda s: _rename(_from_old(s)),
    ),
    rule(
        f"(replace|swap|switch|turn|correct|fix|convert|transform|substitute) {TITLE_OF} {{target}} (with|for|to|into|by|so it says) {{title}}",
        _rename,
    ),
    rule("(make|have) {target} (say|read|be called|into|be) {title}", _rename),
    rule("make (it|that|this|that one) {title}", lambda s: _rename({**s, "target": "it"})),
    rule("(call|name|title) {target} {title} instead", _rename),
    rule("(give) {target} (the|a) [new|different] (title|name) [of] {title}", _rename),
    rule(
        "[the] (title|name) of {target} (should be|should read|should say|must be|needs to be|is) {title}",
        _rename,
    ),
    rule(
        "{target} (should|needs to|must|ought to|has to) (be called|be named|be renamed to|be titled|say|read|be|be changed to|actually be|actually say) {title}",
        _rename,
    ),
    rule(
        "(i meant|i mean|i actually meant|it should be|it should say|sorry[,] i meant|that should be|that should say|should be) {title}",
        lambda s: _rename({**s, "target": "it"}),
    ),
    rule(
        "instead of {target} (make it|make that|it should be|it should say|put|write|use|call it) {title}",
        _rename,
    ),
    rule("(rename|retitle|reword|rephrase) {target}", _ask_title),
    rule("(change|update|edit|modify) [the] (title|name) of {target}", _ask_title),
    rule("(change|edit|modify|update) {target}", _ask_title),
)


def _from_old(slots: Slots) -> Slots:
    """ "change the title from X to Y" names the task by its old title."""
    old = slots.get("old", "")
    is_empty = slots.get("target", "").lower() in (
        "",
        "it",
        "the title",
        "the name",
        "the task",
        "task",
    )
    return {**slots, "target": old} if old and is_empty else slots
