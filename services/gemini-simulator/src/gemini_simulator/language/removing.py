"""Sentences that delete tasks."""

from gemini_simulator.language.grammar import Rule, Slots, rule
from gemini_simulator.language.intents import Delete, Everything, Intent, Pronoun, Undo
from gemini_simulator.language.targets import read_target


def _delete(slots: Slots) -> Intent:
    return Delete(read_target(slots["target"]))


def _unless_forgetting(slots: Slots) -> Intent | None:
    """ "I don't want to forget ..." is no wish to be rid of something."""
    return None if slots["target"].lower().startswith("forget") else _delete(slots)


RULES: tuple[Rule[Intent], ...] = (
    rule(
        """(undo|revert|take back) [that|it|this|the last (one|thing|action|change)]|
        (take|put) that back|scratch that|oops[,] undo""",
        lambda _: Undo(),
    ),
    rule("start (over|fresh|from scratch)|clean slate", lambda _: Delete(Everything())),
    rule(
        """(empty|clear|wipe|reset|clean|clean out|clear out|clean up) (my|the) [whole|entire]
        <list> [completely]""",
        lambda _: Delete(Everything()),
    ),
    rule(
        """(delete|remove|erase|drop|trash|scratch|discard|cancel|clear|purge|eliminate|kill|nuke|wipe|
        wipe out|bin|toss|scrap|ditch|dump|get rid of|take out|throw away|throw out|clean up|
        clear out|clean out|cut|strike|forget about|forget|take|get|pull|knock)
        {target} <from_list> [<when>]""",
        _delete,
    ),
    rule(
        """(delete|remove|erase|drop|trash|scratch|discard|cancel|clear|purge|eliminate|kill|nuke|wipe|
        wipe out|bin|toss|scrap|ditch|dump|get rid of|take out|throw away|throw out|clean up|
        clear out|clean out|cut|forget about|forget)
        {target} [<when>|completely|entirely|permanently|for good|too|also|instead]""",
        _delete,
    ),
    rule(
        """(i|we) (don't|do not|no longer|won't) [really] (need|want|have|care about)
        [to|the reminder (to|for)] {target} [any more|anymore|any longer|<from_list>|after all]""",
        _unless_forgetting,
    ),
    rule(
        """(don't|do not|stop) (remind|reminding) me [to|about|of] {target}
        [any more|anymore|any longer]""",
        _delete,
    ),
    rule(
        """{target} (is|are|has become) (no longer|not)
        (needed|necessary|relevant|required|happening) [any more|anymore|any longer]""",
        _delete,
    ),
    rule("{target} (is|are|was|has been) (cancelled|canceled|obsolete|irrelevant)", _delete),
    rule(
        """{target} (can|should|needs to|has to|may)
        (go|be (deleted|removed|dropped|cancelled|canceled)) [<when>]""",
        _delete,
    ),
    rule(
        """(i changed my mind about|never mind|nevermind|no need for|no need to) {target}
        [any more|anymore]""",
        _delete,
    ),
    rule("delete|remove|erase", lambda _: Delete(Pronoun())),
)
