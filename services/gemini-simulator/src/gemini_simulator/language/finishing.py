"""Sentences that complete tasks, and those that would open them again."""

from gemini_simulator.language.grammar import Rule, Slots, rule
from gemini_simulator.language.intents import Complete, Intent, Pronoun, Reopen, Words
from gemini_simulator.language.targets import read_target
from gemini_simulator.language.words import is_past_of_task

DID = "(finished|completed|done|did|wrapped up|finished up|finished with|took care of|taken care of|dealt with|handled|knocked out|crossed off|ticked off|checked off|managed|accomplished|got done with|gotten done with|done with|finished off)"


def _complete(slots: Slots) -> Intent | None:
    return Complete(read_target(slots["target"]))


def _it(_: Slots) -> Intent:
    return Complete(Pronoun())


def _reopen(slots: Slots) -> Intent | None:
    return Reopen(read_target(slots["target"]))


def _report(slots: Slots) -> Intent | None:
    """ "I bought the milk": perhaps a task is done by it."""
    if not is_past_of_task(slots["verb"]):
        return None
    return Complete(Words(f"{slots['verb']} {slots['target']}"), is_guess=True)


RULES: tuple[Rule, ...] = (
    rule(
        "(mark|set|flag|change|move|put) {target} (as|to|back to|back as) [being] (not done|not completed|not finished|undone|incomplete|pending|open|unfinished|uncompleted|todo|to do) [again]",
        _reopen,
    ),
    rule(
        "(reopen|re-open|uncheck|untick|unmark|uncomplete|undo the completion of|restart) {target}",
        _reopen,
    ),
    rule(
        "{target} (is not|isn't|wasn't) (done|finished|complete|completed) [yet|after all]", _reopen
    ),
    rule(
        "(i haven't|i have not|i didn't) [actually|really] (finished|finish|done|do|completed|complete) {target} [yet|after all]",
        _reopen,
    ),
    rule(
        "(mark|set|flag|tick|check|cross|label|record|log|count|put|consider|move|change|update|get|switch) {target} [off|down] (as|to|off as|down as|for) [being|be|status|the status] [already] <done> [now|please|on my list]",
        _complete,
    ),
    rule(
        "(mark|tick|check|cross|get|scratch|strike) {target} (off|done|complete|completed|finished) [now] [on|from|of|off] [my|the] [to-do|todo|task] [list]",
        _complete,
    ),
    rule(
        "(mark|tick|check|cross|strike)[-] (off|done|complete|completed|finished|as done|as complete|as completed|as finished)[:] {target}",
        _complete,
    ),
    rule(
        "[to] (complete|finish|finish off|finish up|close|close out|resolve|accomplish|conclude|done|finished|completed|tick|check)[:] [with] {target}",
        _complete,
    ),
    rule(
        "<i_have> [just|already|finally|also|now|actually|both|successfully] "
        + DID
        + " [with|doing] {target} [now|already|today|yesterday|this morning|finally|too|as well|just now]",
        _complete,
    ),
    rule(
        "(i'm|i am|we're|we are|all|im) [now|all|finally|already] (done|finished|through) [with] {target}",
        _complete,
    ),
    rule("(done|finished|through) with {target}", _complete),
    rule(
        "{target} (is|are|was|were|has been|have been|got|'s|can be|should be|all) [now|already|all|finally|both|also|been] [marked [as]|ticked|checked|crossed] (done|complete|completed|finished|taken care of|off|sorted|dealt with|handled|accomplished) [now|too|as well|today]",
        _complete,
    ),
    rule("{target}[,|:|-| -] (done|completed|finished|complete|check|✓|✔|✅)", _complete),
    rule(
        "(i|we) (got|have|had) {target} (done|finished|sorted|taken care of|completed) [now|today|already]",
        _complete,
    ),
    rule(
        "[that's|it's|this is|that is|it is|all|i'm|i am|now i'm] [now|all] (done|finished|completed|complete)",
        _it,
    ),
    rule(
        "(i did|i've done|i have done|i just did|i finished|i completed|i've finished) (it|that|this) [now|already|today]",
        _it,
    ),
    rule(
        "<i_have> [just|already|finally|also|actually] {verb} {target} [today|yesterday|this morning|already|just now|this afternoon|last night|earlier|earlier today|on my way home|finally]",
        _report,
    ),
    rule("(just|already|finally) {verb} {target} [today|yesterday|this morning|already]", _report),
)
