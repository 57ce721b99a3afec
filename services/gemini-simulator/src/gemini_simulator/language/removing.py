"""Sentences that delete tasks."""

from gemini_simulator.language.grammar import Rule, Slots, rule
from gemini_simulator.language.intents import Delete, Everything, Intent, Pronoun, Undo
from gemini_simulator.language.targets import read_target

VERB = "(delete|remove|erase|drop|trash|scratch|discard|cancel|clear|purge|eliminate|kill|wipe|bin|toss|scrap|ditch|dump|get rid of|take out|throw away|throw out|clean up|clear out|clean out|wipe out|cut|take off|rid me of|strike|forget about|forget|unadd|empty)"
FROM_LIST = "(from|off|of|off of|out of|in|on) [of] (my|the|our) <list>"


def _delete(slots: Slots) -> Intent | None:
    return Delete(read_target(slots["target"]))


def _everything(_: Slots) -> Intent:
    return Delete(Everything())


def _it(_: Slots) -> Intent:
    return Delete(Pronoun())


def _undo(_: Slots) -> Intent:
    return Undo()


RULES: tuple[Rule, ...] = (
    rule(
        "(undo|revert|take that back|undo that|undo it|undo this|undo the last (one|thing|action|change)|revert that|scratch that|oops[,] undo|cancel that last (one|action))",
        _undo,
    ),
    rule(
        "(start (over|fresh|from scratch)|(empty|clear|wipe|reset|clean|clean out|clear out) (my|the) [whole|entire] <list> [completely])",
        _everything,
    ),
    rule(f"{VERB} {{target}} {FROM_LIST}", _delete),
    rule(
        f"{VERB} {{target}} [completely|entirely|altogether|permanently|forever|for good|too|as well|also|instead|now]",
        _delete,
    ),
    rule(
        "(take|strike|cross|scratch|get|pull|knock) {target} (off|off of|from|out of) (my|the|our) <list>",
        _delete,
    ),
    rule(
        "(i|we) (don't|do not|no longer|won't) (need|want|have|care about) [to do|to|the reminder to|the reminder for] {target} [any more|anymore|any longer|now|on my list|on the list|after all]",
        _delete,
    ),
    rule(
        "(don't|do not|stop) (remind|reminding) me [to|about|of] {target} [any more|anymore|any longer]",
        _delete,
    ),
    rule(
        "{target} (is|are|has become) (no longer (needed|necessary|relevant|required)|not (needed|necessary|relevant|required) [any more|anymore|any longer]|cancelled|canceled|obsolete|irrelevant|off the table)",
        _delete,
    ),
    rule(
        "{target} (can|should|needs to|has to|may) (go|be (deleted|removed|dropped|cancelled|canceled)|be taken off [my|the] [list]) [now|too|as well]",
        _delete,
    ),
    rule(
        "(i changed my mind about|never mind|nevermind|no need for|no need to) {target} [any more|anymore]",
        _delete,
    ),
    rule("(delete|remove|erase)", _it),
)
