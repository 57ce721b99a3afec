"""Sentences that delete tasks."""

from gemini_simulator.language.grammar import Rule, Slots, rule
from gemini_simulator.language.intents import Delete, Everything, Intent, Reopen, Undo, Words
from gemini_simulator.language.targets import read_target


def _delete(slots: Slots) -> Intent:
    return Delete(read_target(slots["target"]))


def _sweep(slots: Slots) -> Intent | None:
    """ "Clean up what is done"; "clean up the kitchen" and "clean up my list" are no such order."""
    target = read_target(slots["target"])
    is_status = isinstance(target, Everything) and target.status != "all"
    return Delete(target) if is_status else None


def _everything(slots: Slots) -> Intent:
    return Delete(Everything())


RULES: tuple[Rule[Intent], ...] = (
    rule(
        """(undo|revert|take back) [that|it|this|the last (one|thing|action|change)]|
        (take|put) that back|scratch that|oops[,] undo""",
        lambda _: Undo(),
    ),
    rule(
        "(remove|take|clear|delete|erase) [the|its] (tick|tick mark|checkmark|check mark) [away] "
        "(from|of|off) {target}",
        lambda slots: Reopen(read_target(slots["target"])),
    ),
    rule("(empty|clear|wipe) (my|the) [whole|entire] <list> [completely]", _everything),
    rule(
        """(clean up|clear out|clean out|clear|wipe|throw away|throw out|bin|toss|dump|trash|
        scratch|ditch) {target}""",
        _sweep,
    ),
    rule(
        """(delete|remove|erase|drop|trash|scratch|discard|clear|purge|eliminate|nuke|wipe|toss|scrap|
        ditch|dump|get rid of|strike|take|pull)
        {target} <from_list>""",
        _delete,
    ),
    rule(
        """(delete|remove|erase|drop|discard|purge|eliminate|nuke|scrap|get rid of)
        {target} [now|again|completely|too|also|instead]""",
        _delete,
    ),
    rule(
        """(i|we) (don't|do not) need [to] {target} (any more|anymore|any longer)""",
        _delete,
    ),
    rule("{target} (is|are) no longer needed", _delete),
    rule("delete|remove|erase", lambda _: Delete(Words(""))),
)
