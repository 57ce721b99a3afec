"""What the last message means in its conversation: replies, continuations and "undo"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from gemini_simulator.language.conversation import Spoken
from gemini_simulator.language.grammar import compile_template
from gemini_simulator.language.intents import (
    Add,
    Change,
    Complete,
    Delete,
    Describe,
    Inspect,
    Intent,
    Meant,
    NewTask,
    Pronoun,
    Reopen,
    Talk,
    Unclear,
    Undo,
    Words,
)
from gemini_simulator.language.mentions import NAMED, last_mentions, last_shown, read_mentions
from gemini_simulator.language.politeness import strip_closings
from gemini_simulator.language.questions import is_agreed, read_question
from gemini_simulator.language.requests import read_requests
from gemini_simulator.language.targets import read_target
from gemini_simulator.language.text import Quotations, tidy
from gemini_simulator.language.titles import read_new_tasks

CONTINUATIONS = (
    compile_template(
        """[oh|ah|ok|okay|yes|sorry|wait|oh,|ok,|yes,|sorry,|wait,]
        (and|also|plus|additionally|as well as|oh and|likewise|add|and add|and also)
        [for|to|the same for] {rest}"""
    ),
    compile_template(
        """[and|also] (same|same thing|the same|the same thing|do the same) (for|with|to) {rest}"""
    ),
    compile_template("[and] (what|how) about {rest}"),
    compile_template("[and] (another|another one|one more) [for|to|one] {rest}"),
    compile_template("{rest}[,] (too|as well|also)"),
)
TOO = re.compile(r"[, ]+(?:too|as well|also)$", re.IGNORECASE)
NAMING = ("renamed", "added")
REPORTS = (
    ("renamed", re.compile(r"\brenamed “(?P<old>[^”]*)” to “(?P<new>[^”]*)”")),
    ("deleted", re.compile(r"\bdeleted\b")),
    ("added", re.compile(r"\badded\b")),
)
MARKS: tuple[tuple[type[Complete | Reopen], re.Pattern[str]], ...] = (
    (Reopen, re.compile(r"\bmarked (?P<them>“.+?”) as (?:done|complete)\.")),
    (Complete, re.compile(r"\bI opened (?P<them>“.+?”) again\.")),
)
"""What takes back a report that something is done, or open again."""


def understand(history: Sequence[Spoken], message: str) -> list[Intent]:
    """What a message asks for, with what was said before it. At least one intent."""
    reply = read_reply(history, message)
    if reply is not None:
        return reply
    meanings = _continued(history, message, read_requests(message))
    if _is_shown_again(history, meanings):
        return [Unclear(message)]  # which of the tasks that it names is to become of what?
    if len(meanings) > 1 and any(isinstance(meaning, Undo | Meant) for meaning in meanings):
        return [Unclear(message)]  # "add eggs, no, scratch that" takes nothing of before back
    return [_in_context(meaning, history, _last_answer(history)) for meaning in meanings]


def read_reply(history: Sequence[Spoken], message: str) -> list[Intent] | None:
    """What a message means as a reply to what was asked last, or None when it is none."""
    last_answer = _last_answer(history)
    if is_agreed(last_answer, message):
        asked_for = _last_requests(history)
        return [
            replace(one, is_confirmed=True) if isinstance(one, Delete) else one
            for one in asked_for
            if not isinstance(one, Add)  # which was not held back
        ]
    asked = read_question(last_answer)
    return asked.read_reply(message, read_requests(message)) if asked else None


def _is_shown_again(history: Sequence[Spoken], meanings: Sequence[Intent]) -> bool:
    """Whether a pasted list is what was shown last: that asks for nothing, least of all twice."""
    shown = {title.lower() for title in last_shown(history)}
    return any(
        isinstance(meaning, Add)
        and meaning.pasted is not None
        and {task.title.lower() for task in meaning.tasks} <= shown
        for meaning in meanings
    )


def _last_answer(history: Sequence[Spoken]) -> str:
    return next((spoken.text for spoken in reversed(history) if spoken.role == "assistant"), "")


def _in_context(meaning: Intent, history: Sequence[Spoken], last_answer: str) -> Intent:
    match meaning:
        case Undo():
            return _taken_back(last_answer)
        case Describe(description=text) if not last_mentions(history).spoken_of:
            return Add((NewTask(text),))  # "note: oil for the lawn mower" describes nothing
        case Meant(text=text):
            return _meant(text, history, last_answer)
        case _:
            return meaning


def _last_requests(history: Sequence[Spoken]) -> list[Intent]:
    """What the message before this one asked for, in its own conversation."""
    for position in range(len(history) - 1, -1, -1):
        if history[position].role == "user":
            return understand(history[:position], history[position].text)
    return []


def _meant(text: str, history: Sequence[Spoken], last_answer: str) -> Intent:
    """A better name: of the task just added or renamed, else of the task that was looked for."""
    if any(pattern.search(last_answer) for report, pattern in REPORTS if report in NAMING):
        return Change(Pronoun(), title=text)
    last = next(iter(_last_requests(history)[-1:]), None)
    if isinstance(last, Complete | Delete | Reopen | Change | Inspect):
        return replace(last, target=read_target(text))
    return Change(Pronoun(), title=text)


def _continued(history: Sequence[Spoken], message: str, meanings: list[Intent]) -> list[Intent]:
    """ "and eggs too" goes on with what the message before asked for."""
    if not all(isinstance(meaning, Unclear | Talk) for meaning in meanings):
        return meanings
    quotations = Quotations()
    text = strip_closings(quotations.protect(tidy(message)))
    match = next(filter(None, (form.fullmatch(text) for form in CONTINUATIONS)), None)
    last = next(iter(_last_requests(history)[-1:]), None) if match else None
    if match is None or last is None:
        return meanings
    rest = TOO.sub("", match["rest"]).lstrip(" ,:")
    if isinstance(last, Add):
        tasks = read_new_tasks(quotations.restore(rest), many=None)
        return [Add(tuple(tasks))] if tasks else meanings
    target = read_target(quotations.restore(rest))
    if isinstance(last, Complete | Delete | Reopen):
        return [type(last)(target)]
    return meanings


def _taken_back(answer: str) -> Intent:
    """The request that undoes what an answer reports."""
    titles = read_mentions(answer).told
    for report, pattern in REPORTS:
        match = pattern.search(answer if report == "renamed" else NAMED.sub("", answer))
        if match is None or not titles:
            continue
        if report == "renamed":
            return Change(Words(match["new"]), title=match["old"])
        if report == "deleted":
            return Add(tuple(NewTask(title) for title in titles))
        return Delete(Pronoun(many=len(titles) > 1))
    for opposite, pattern in MARKS:
        match = pattern.search(answer)
        marked = NAMED.findall(match["them"]) if match else []
        if marked and tuple(marked) == titles:
            return opposite(Pronoun(many=len(marked) > 1))
        if len(marked) == 1:  # beside what was so already
            return opposite(Words(marked[0]))
    return Unclear("undo")
