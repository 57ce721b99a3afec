"""Sentences that complete tasks, and those that open them again."""

from gemini_simulator.language.grammar import Rule, Slots, rule
from gemini_simulator.language.intents import Complete, Intent, Pronoun, Reopen, Words
from gemini_simulator.language.targets import read_target
from gemini_simulator.language.words import is_past_of_task


def _complete(slots: Slots) -> Intent:
    return Complete(read_target(slots["target"]))


def _it(_: Slots) -> Intent:
    return Complete(Pronoun())


def _reopen(slots: Slots) -> Intent:
    return Reopen(read_target(slots["target"]))


def _maybe_reopen(slots: Slots) -> Intent:
    """ "The rent is not done" may be all that somebody wants to say; "after all" takes it back."""
    return Reopen(read_target(slots["target"]), is_guess=not slots["sure"])


def _report(slots: Slots) -> Intent | None:
    """ "I bought the milk": perhaps a task is done by it."""
    if not is_past_of_task(slots["verb"]) or " " in slots["verb"]:
        return None
    if slots["verb"].lower() in ("finished", "completed", "did"):
        return _complete(slots)
    return Complete(Words(f"{slots['verb']} {slots['target']}"), is_guess=True)


def _state(slots: Slots) -> Intent | None:
    """ "The milk is bought": the thing is named first."""
    if not is_past_of_task(slots["verb"]) or " " in slots["verb"]:
        return None
    return Complete(Words(f"{slots['target']} {slots['verb']}"), is_guess=True)


RULES: tuple[Rule[Intent], ...] = (
    rule(
        """(mark|set|flag|change|move|put) {target} (as|to|back to|back as) [being] <not_done>
        [again|yet]""",
        _reopen,
    ),
    rule("mark {target} <not_done> [again|yet]", _reopen),
    rule("(make|set|switch|turn) {target} [to|back to] <not_done> again", _reopen),
    rule(
        """(reopen|re-open|uncheck|un-check|untick|un-tick|unmark|uncomplete|undo completing|
        undo the completion of|undo ticking [off]|undo checking [off]) {target} [again]""",
        _reopen,
    ),
    rule("{target} (should|must|needs to) be (open|pending|unticked|unchecked) [again]", _reopen),
    rule(
        """{target} (is not|isn't|isnt|was not|wasn't) [actually|really] (done|finished|complete|
        completed) [yet] [{sure=<after_all>}]""",
        _maybe_reopen,
    ),
    rule(
        """(i haven't|i have not|i didn't|i did not|i've not) [actually|really]
        (finished|finish|done|do|completed|complete) {target} [yet] [{sure=<after_all>}]""",
        _maybe_reopen,
    ),
    rule(
        """(i haven't|i have not|i didn't|i did not|i've not) [actually|really] {verb} {target}
        after all""",
        lambda slots: Reopen(Words(f"{slots['verb']} {slots['target']}")),
    ),
    rule(
        """(mark|set|flag|tick|check|cross|label|record|log|count|consider|move|change|switch|put)
        {target} [off|down] (as|to|for) [being|status] [already] <done> [<when>|<from_list>]""",
        _complete,
    ),
    rule(
        """(mark|tick|check|cross|strike) {target} (off|done|complete|completed|finished)
        [<when>|<from_list>|my list]""",
        _complete,
    ),
    rule(
        """(mark|tick|check|cross) (off|done|as done|as complete|as completed|as finished|done:|
        complete|completed|as done:|as complete:|as completed:) {target}""",
        _complete,
    ),
    rule(
        """(complete|finish|finish off|finish up|resolve|accomplish|done|done:|finished:|completed:|
        complete:) {target}""",
        _complete,
    ),
    rule(
        """<i_have> (just|already|finally|also|now|actually|successfully)*
        (finished|completed|done|did|wrapped up|took care of|taken care of|dealt with|handled|
        knocked out|crossed off|ticked off|checked off|managed|accomplished|got done with)
        [with|doing|up|off] {target} [<when>]""",
        _complete,
    ),
    rule(
        """(i'm|i am|we're|we are|im) [now|all|finally|already] (done|finished|through) with
        {target} [<when>]""",
        _complete,
    ),
    rule("[all] (done|finished|through) with {target}", _complete),
    rule("tick {target}", _complete),
    rule(
        """{target} (is|are|was|were|has been|have been|got|can be|should be|have all been)
        (now|already|all|finally|both|also|been|marked|marked as)*
        (done|complete|completed|finished|taken care of|sorted|dealt with|handled|accomplished|
        checked off|ticked off|crossed off|ready) [<when>]""",
        _complete,
    ),
    rule("{target}'s [already|now|all|finally] (done|finished|completed) [<when>]", _complete),
    rule(
        "({target}, (done|completed|finished)|{ticked} (✓|✔|✅))",
        lambda slots: _complete({"target": slots["target"] or slots["ticked"]}),
    ),
    rule("(i|we) (got|have|had) {target} (done|finished|sorted|completed) [<when>]", _complete),
    rule(
        """[that's|it's|this is|that is|it is|i'm|i am|i am now|that one is] [now|all]
        (done|finished|completed)""",
        _it,
    ),
    rule(
        """(i did|i've done|i have done|i just did|i finished|i completed|i've finished)
        (it|that|this) [<when>]""",
        _it,
    ),
    rule(
        """{target} (has been|have been|is|are|was|were|got) [already|now|all|finally] {verb}
        [<when>]""",
        _state,
    ),
    rule("{target}'s (already|now|all|finally|been)* {verb} [<when>]", _state),
    rule("<i_have> (just|already|finally|also|actually)* {verb} {target} [<when>]", _report),
    rule("(just|already|finally)* {verb} {target} [<when>]", _report),
)
