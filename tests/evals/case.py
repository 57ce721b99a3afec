"""What a case is: something a person says, what must have become of their tasks, and what must
be in the answer.

Tasks and effects are written down as one would on paper:

    buy milk                  a task             + buy milk            was added
    buy milk | two liters     with a note        - buy milk            was deleted
    x buy milk                that is done       x buy milk            was completed
                                                 o buy milk            was opened again
                                                 buy milk -> buy tea   was renamed
                                                 buy milk | oat        has this note now
                                                 buy milk |            has no note any more

Everything that no effect names must be as before. Only what was added or changed is compared
loosely: models write titles in their own way. A fact is a text that the last answer must hold, or
several texts of which one is enough: "5 or five".
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

ADDED, DELETED, DONE, OPENED, RENAMED, NOTED = "+ ", "- ", "x ", "o ", " -> ", " |"
EXTRA_WORDS = 2  # that a model may put into a title beyond those that were said
UNIMPORTANT = frozenset(
    {"a", "an", "and", "at", "for", "in", "my", "of", "on", "the", "to", "with", "is", "be"}
)
WORD = re.compile(r"[^\W_]+")
BLAND = "All right."  # what a model says that does nothing


@dataclass(frozen=True)
class Task:
    """A task as it is compared. Args: is_fixed: the title must be exactly this one."""

    title: str
    note: str = ""
    is_done: bool = False
    is_fixed: bool = False

    @classmethod
    def read(cls, text: str) -> "Task":
        """A task from its notation."""
        title, _, note = text.removeprefix(DONE).partition(NOTED)
        return cls(title.strip(), note.strip(), text.startswith(DONE), is_fixed=True)


@dataclass(frozen=True)
class Case:
    """One eval.

    Args: say: the messages of one conversation, in order. does: the effects of all of them
        together. given: tasks that are there before, the newest first. or_does: another set of
        effects that would be as right. hears: facts. unheard: texts that the last answer must not
        hold. needs_model: more than plain English, which
        is all that the simulator understands; it may fail the case, but touch nothing.
    """

    say: tuple[str, ...]
    does: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    or_does: tuple[str, ...] | None = None
    hears: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()
    needs_model: bool = False

    @property
    def name(self) -> str:
        """The conversation in one line."""
        return " / ".join(" ".join(message.split()) for message in self.say)

    @property
    def right_outcomes(self) -> list[list[Task]]:
        """The lists of tasks that count as success."""
        outcomes = (self.does,) if self.or_does is None else (self.does, self.or_does)
        return [_after(self._before, does) for does in outcomes]

    @property
    def untouchable(self) -> Counter[Task]:
        """The given tasks that no right outcome deletes, completes, opens or changes."""
        kept = Counter(self._before)
        for outcome in self.right_outcomes:
            kept &= Counter(outcome)
        return kept

    @property
    def passes_idle(self) -> bool:
        """Whether a model that does nothing, and says nothing of interest, is right."""
        return self.is_success(self._before, BLAND)

    @property
    def _before(self) -> list[Task]:
        return [Task.read(text) for text in self.given]

    def is_success(self, tasks: Sequence[Task], answer: str) -> bool:
        """Whether these tasks are what the case demands, and the last answer holds its facts."""
        heard = all(_is_heard(fact, answer) for fact in self.hears)
        leaked = any(_plain(text) in _plain(answer) for text in self.unheard)
        return (
            heard and not leaked and any(_same(outcome, tasks) for outcome in self.right_outcomes)
        )

    def touched(self, tasks: Sequence[Task]) -> list[Task]:
        """The untouchable tasks that are not there any more as they were."""
        lost = self.untouchable - Counter(replace(one, is_fixed=True) for one in tasks)
        return list(lost.elements())


def said(
    *messages: str,
    given: Iterable[str] = (),
    does: Iterable[str] = (),
    or_does: Iterable[str] | None = None,
    hears: Iterable[str] = (),
    unheard: Iterable[str] = (),
    needs_model: bool = False,
) -> Case:
    """A case of one or more messages."""
    other = None if or_does is None else tuple(or_does)
    return Case(
        messages,
        tuple(does),
        tuple(given),
        other,
        tuple(hears),
        tuple(unheard),
        needs_model,
    )


beyond = partial(said, needs_model=True)


def _after(tasks: list[Task], effects: Sequence[str]) -> list[Task]:
    """The tasks after some effects. Raises: ValueError: an effect on a task that is not there."""
    for effect in effects:
        if effect.startswith(ADDED):
            added = Task.read(effect.removeprefix(ADDED))
            tasks = [replace(added, is_fixed=False), *tasks]
            continue
        title = effect.removeprefix(DELETED).removeprefix(DONE).removeprefix(OPENED)
        title = title.partition(RENAMED)[0].partition(NOTED)[0].strip()
        place = next((i for i, task in enumerate(tasks) if task.title == title), None)
        if place is None:
            raise ValueError(f"{effect!r}: there is no task {title!r}")
        changed = _changed(tasks[place], effect)
        tasks = [*tasks[:place], *([changed] if changed else []), *tasks[place + 1 :]]
    return tasks


def _changed(task: Task, effect: str) -> Task | None:
    if effect.startswith(DELETED):
        return None
    if effect.startswith(DONE):
        return replace(task, is_done=True)
    if effect.startswith(OPENED):
        return replace(task, is_done=False)
    if RENAMED in effect:
        title = effect.partition(RENAMED)[2]
        return replace(task, title=title.strip(), is_fixed=False)
    return replace(task, note=effect.partition(NOTED)[2].strip())


def _same(expected: Sequence[Task], actual: Sequence[Task]) -> bool:
    """Whether each expected task is one of the actual ones, and the other way round."""
    if len(expected) != len(actual):
        return False
    left = list(actual)
    for task in sorted(expected, key=lambda one: not one.is_fixed):
        match = next((one for one in left if _fits(task, one)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _fits(expected: Task, actual: Task) -> bool:
    if expected.is_done != actual.is_done:
        return False
    if expected.is_fixed:
        return expected.title == actual.title and _has_words(expected.note, actual.note)
    everything = f"{actual.title} {actual.note}"
    wanted = f"{expected.title} {expected.note}"
    extra = _words(actual.title) - _words(wanted)
    return _has_words(wanted, everything) and extra.total() <= EXTRA_WORDS


def _has_words(wanted: str, text: str) -> bool:
    """Whether a text has all these words; no words are only in an empty text."""
    return not _words(wanted) - _words(text) if wanted else not text


def _words(text: str) -> Counter[str]:
    """The words that matter. Vowel signs are left out: to `re` they are no part of a word."""
    letters = (letter for letter in text if not unicodedata.category(letter).startswith("M"))
    words = (word.lower() for word in WORD.findall("".join(letters).replace("'", "")))
    return Counter(word for word in words if word not in UNIMPORTANT)


def _is_heard(fact: str, answer: str) -> bool:
    """Whether an answer holds one of the fact's texts; a number is no part of another number."""
    heard = _plain(answer)
    return any(
        re.search(rf"(?<!\d){re.escape(_plain(text))}(?!\d)", heard) for text in fact.split(" or ")
    )


def _plain(text: str) -> str:
    """Without what writers differ in: case, apostrophes, and the digits of their script."""
    return "".join(
        str(unicodedata.decimal(letter, letter)) for letter in text.casefold().replace("’", "'")
    )
