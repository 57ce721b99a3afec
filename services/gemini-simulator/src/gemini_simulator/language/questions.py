"""Questions that the simulator asks back, and understanding the reply.

What was asked is read back from the text of the last answer: the simulator remembers nothing.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gemini_simulator.language.intents import (
    Add,
    Change,
    Complete,
    Delete,
    Everything,
    Inspect,
    Intent,
    NewTask,
    Places,
    Pronoun,
    Reopen,
    Talk,
    Target,
    Unclear,
    Words,
)
from gemini_simulator.language.mentions import SHALL_I_DELETE, listed, named, read_mentions
from gemini_simulator.language.politeness import strip_closings, strip_openings
from gemini_simulator.language.requests import is_command
from gemini_simulator.language.smalltalk import read_small_talk
from gemini_simulator.language.targets import read_target
from gemini_simulator.language.tasks import Task, with_words
from gemini_simulator.language.text import Quotations, tidy
from gemini_simulator.language.titles import clean_title, read_new_tasks

DELETE = "Which one should I delete?"
COMPLETE = "Which one should I mark as done?"
REOPEN = "Which one should I open again?"
INSPECT = "Which one do you mean?"
RENAME = re.compile(r"Which one should I rename to “(?P<text>[^”]*)”\?")
DESCRIBE = re.compile(r"Which one should have the description “(?P<text>[^”]*)”\?")
NEW_TITLE = re.compile(r"What should “(?P<title>[^”]*)” be called instead\?")
# What nobody calls a task when asked for its new name.
NO_NAME = re.compile(
    r"\b(?:no|not|never|nothing|leave|keep|wait|stop|cancel|dont|\w+n't|idk|unsure|whatever|really)\b|"
    r"\?|^(?:i|what|why|how|who|hm+|um+|skip|ok|okay|sure|yes|thanks|clean up|rename|finish)\b"
)
MOST_SHOWN = 20
TITLE = "What should the new task be called?"
SHALL_I_ADD = re.compile(r"Shall I add “(?P<title>[^”]*)” as a task\?")


def ask_which(meaning: Intent, candidates: Sequence[Task]) -> str:
    """Ask which of several tasks is meant by a request."""
    return f"{_which(meaning)}\n{listed(candidates)}"


def ask_new_title(title: str) -> str:
    """Ask what a task should be called instead."""
    return f"What should {named(title)} be called instead?"


def ask_whether_to_add(title: str) -> str:
    """Ask whether some words are meant as a task."""
    return f"Shall I add {named(title)} as a task?"


def ask_whether_to_delete(tasks: Sequence[Task]) -> str:
    """Ask whether so many tasks are really to go."""
    shown, more = tasks[:MOST_SHOWN], len(tasks) - MOST_SHOWN
    rest = f"\nand {more} more" if more > 0 else ""
    return f"{listed(shown)}{rest}\n\nShall I really delete all {len(tasks)} of these?"


def is_agreed(answer: str, message: str) -> bool:
    """Whether a message says yes, and only that, to `ask_whether_to_delete`."""
    talk = read_small_talk(tidy(message))
    is_yes = talk is not None and talk.kind == "yes" and "?" not in message
    return is_yes and SHALL_I_DELETE.search(answer) is not None


def _which(meaning: Intent) -> str:
    match meaning:
        case Delete():
            return DELETE
        case Complete():
            return COMPLETE
        case Reopen(is_guess=False):
            return REOPEN
        case Change(title=str(title)):
            return f"Which one should I rename to {named(title)}?"
        case Change(description=str(description)):
            return f"Which one should have the description {named(description)}?"
        case _:
            return INSPECT


@dataclass(frozen=True)
class Asked:
    """A question of the last answer: what a reply to it means, or None when it is no reply."""

    read_reply: Callable[[str, Sequence[Intent]], list[Intent] | None]


def read_question(answer: str) -> Asked | None:
    """The question that an answer asked, if it asked one."""
    action = _read_which(answer)
    if action is not None:
        titles = read_mentions(answer).shown
        return Asked(lambda text, meanings: _pick(action, titles, text, meanings))
    new_title = NEW_TITLE.search(answer)
    if new_title is not None:
        target = Words(new_title["title"])
        return Asked(lambda text, meanings: _name(target, text, meanings))
    if TITLE in answer:
        return Asked(_title)
    shall_i_add = SHALL_I_ADD.search(answer)
    if shall_i_add is not None:
        title = shall_i_add["title"]
        return Asked(lambda text, meanings: _confirm(title, meanings))
    return None


def _read_which(answer: str) -> Callable[[Target], Intent] | None:
    if DELETE in answer:
        return Delete
    if COMPLETE in answer:
        return Complete
    if REOPEN in answer:
        return Reopen
    if INSPECT in answer:
        return Inspect
    rename = RENAME.search(answer)
    if rename is not None:
        return lambda target: Change(target, title=rename["text"])
    describe = DESCRIBE.search(answer)
    if describe is not None:
        return lambda target: Change(target, description=describe["text"])
    return None


def _pick(
    action: Callable[[Target], Intent],
    titles: Sequence[str],
    text: str,
    meanings: Sequence[Intent],
) -> list[Intent] | None:
    if _declines(meanings):
        return [Talk("never_mind")]
    if len(titles) == 1 and isinstance(meanings[0], Talk) and meanings[0].kind == "yes":
        return [action(Words(titles[0]))]
    quotations = Quotations()
    bare = strip_closings(strip_openings(quotations.protect(tidy(text))))
    target = read_target(bare)
    if isinstance(target, Places):
        return [action(target)]
    if isinstance(target, Everything | Pronoun):
        return [action(Pronoun(many=not isinstance(target, Pronoun) or target.many))]
    if is_command(meanings) or not isinstance(target, Words):
        return None
    words = quotations.restore(target.text)
    fitting = with_words([Task(id="", title=title) for title in titles], words)
    if not fitting:
        return None
    return [action(Words(fitting[0].title if len(fitting) == 1 else words))]


def _name(target: Target, text: str, meanings: Sequence[Intent]) -> list[Intent] | None:
    if _declines(meanings) or NO_NAME.search(tidy(text).lower()):
        return [Talk("never_mind")]
    if not all(isinstance(meaning, Unclear) for meaning in meanings):
        return None
    if not isinstance(read_target(text), Words):
        return None
    quotations = Quotations()
    title = clean_title(strip_openings(quotations.protect(tidy(text))))
    return [Change(target, title=quotations.restore(title))] if title else None


def _title(text: str, meanings: Sequence[Intent]) -> list[Intent] | None:
    if _declines(meanings):
        return [Talk("never_mind")]
    if is_command(meanings):
        return None
    quotations = Quotations()
    tasks = read_new_tasks(strip_openings(quotations.protect(tidy(text))), many=None)
    restored = (
        NewTask(
            quotations.restore(task.title),
            quotations.restore(task.description) if task.description else None,
        )
        for task in tasks
    )
    return [Add(tuple(restored))] if tasks else None


def _confirm(title: str, meanings: Sequence[Intent]) -> list[Intent] | None:
    if _declines(meanings):
        return [Talk("no")]
    agreed = isinstance(meanings[0], Talk) and meanings[0].kind == "yes"
    return [Add((NewTask(title),))] if agreed else None


def _declines(meanings: Sequence[Intent]) -> bool:
    first = meanings[0]
    return isinstance(first, Talk) and first.kind in ("no", "never_mind")
