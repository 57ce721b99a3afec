"""Finding the tasks that a target means, among the tasks there are and what was said before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gemini_simulator.language.intents import (
    Everything,
    Places,
    Pronoun,
    Recent,
    Status,
    Target,
    Words,
)
from gemini_simulator.language.tasks import (
    Task,
    is_other_title,
    with_all_words,
    with_just_words,
    with_title,
    with_words,
)

PARTS = re.compile(
    r"\s*,\s*(?:and\s+|or\s+)?(?:the\s+)?|\s+(?:and|&|or|plus|as well as)\s+(?:the\s+)?",
    re.IGNORECASE,
)
FINISHED = re.compile(r"^(?:finished|completed|did) ", re.IGNORECASE)  # "bought X and did Y"


@dataclass(frozen=True)
class Found:
    """The tasks that are meant, at least one."""

    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Unsure:
    """More tasks fit than one."""

    candidates: tuple[Task, ...]


@dataclass(frozen=True)
class Missing:
    """No task fits. Args: phrase: what was said, or None when nothing was spoken of before."""

    phrase: str | None


Resolution = Found | Unsure | Missing


@dataclass(frozen=True)
class Surroundings:
    """What a target is looked up in.

    Args: tasks: newest first. just_meant: tasks of the request before it in the same message.
        spoken_of, lately, shown: titles of earlier answers (see mentions.py).
        preferred: status that a task meant by words rather has. is_exact: a title that is merely
        similar is not meant, but asked about.
    """

    tasks: Sequence[Task]
    just_meant: Sequence[Task] = ()
    spoken_of: Sequence[str] = ()
    lately: Sequence[str] = ()
    shown: Sequence[str] = ()
    preferred: Status = "all"
    is_exact: bool = True


def resolve(target: Target, around: Surroundings) -> Resolution:
    """The tasks that a target means."""
    match target:
        case Words():
            return _by_words(target, around)
        case Places():
            return _by_places(target, around)
        case Pronoun():
            return _by_pronoun(target, around)
        case Recent():
            newest_first = list(around.tasks)
            ordered = newest_first[::-1] if target.oldest else newest_first
            return _found(ordered[: target.count], None)
        case Everything():
            return _everything(target, around)


def of_status(tasks: Sequence[Task], status: Status) -> list[Task]:
    """The tasks that have a status."""
    if status == "all":
        return list(tasks)
    return [task for task in tasks if task.completed == (status == "completed")]


def _found(tasks: Sequence[Task], phrase: str | None) -> Resolution:
    return Found(tuple(tasks)) if tasks else Missing(phrase)


def _by_words(target: Words, around: Surroundings) -> Resolution:
    tasks = of_status(around.tasks, target.status)
    if target.every:
        exact = with_just_words(tasks, target.text)
        loose = [] if around.is_exact else with_words(tasks, target.text)
        return _found(exact or loose, target.text)
    whole = _by_phrase(tasks, target.text, around)
    parts = [part for part in PARTS.split(target.text) if part]
    if isinstance(whole, Found) or len(parts) < 2:
        return whole
    resolutions = [_by_phrase(tasks, FINISHED.sub("", part), around) for part in parts]
    unclear = next((one for one in resolutions if not isinstance(one, Found)), None)
    if unclear is not None:
        return unclear
    several = [task for one in resolutions if isinstance(one, Found) for task in one.tasks]
    return Found(tuple(dict.fromkeys(several)))


def _by_phrase(tasks: Sequence[Task], phrase: str, around: Surroundings) -> Resolution:
    exact = with_title(tasks, phrase)
    whole = exact or with_just_words(tasks, phrase)
    similar = with_words(tasks, phrase)
    if not around.is_exact:
        whole = whole or with_all_words(tasks, phrase) or similar
    found = _one_of(whole, around.preferred) if whole else Missing(phrase)
    is_other = not exact and any(is_other_title(task, phrase) for task in whole)
    if around.is_exact and (is_other or (similar and not whole)):
        return Unsure(tuple(whole or similar))
    return found


def _one_of(tasks: Sequence[Task], preferred: Status) -> Resolution:
    rather = of_status(tasks, preferred)
    candidates = rather or tasks
    if not candidates:
        return Missing(None)
    return Found((candidates[0],)) if len(candidates) == 1 else Unsure(tuple(candidates))


def _by_places(target: Places, around: Surroundings) -> Resolution:
    exact = with_title(around.tasks, target.phrase)
    if exact:
        return _one_of(exact, around.preferred)
    titles = around.shown or around.lately
    ordered = _in_order(titles, around.tasks) if titles else list(around.tasks)
    size = len(ordered)
    places = [number - 1 if number > 0 else size + number for number in target.numbers]
    chosen = [ordered[place] if 0 <= place < size else None for place in places]
    tasks = [task for task in chosen if task is not None]
    return _found(tasks if len(tasks) == len(chosen) else [], target.phrase)


def _in_order(titles: Sequence[str], tasks: Sequence[Task]) -> list[Task | None]:
    """The task of each title that was shown; of equal titles, the next one that is not taken."""
    left = list(tasks)
    ordered: list[Task | None] = []
    for title in titles:
        task = next(iter(with_title(left, title)), None)
        if task is not None:
            left.remove(task)
        ordered.append(task)
    return ordered


def _by_pronoun(target: Pronoun, around: Surroundings) -> Resolution:
    meant: Sequence[Task] = around.just_meant
    if not meant and around.spoken_of:
        is_one = len(around.spoken_of) < 2 and around.spoken_of[0] in around.lately
        titles = around.lately if target.many and is_one else around.spoken_of
        meant = [task for task in _in_order(titles, around.tasks) if task is not None]
    if not meant:
        return Missing(" and ".join(around.spoken_of) or None)
    if target.many or len(meant) == 1:
        return Found(tuple(meant))
    return Unsure(tuple(meant))


def _everything(target: Everything, around: Surroundings) -> Resolution:
    tasks = of_status(around.tasks, target.status)
    if target.but is None:
        return _found(tasks, None)
    parts = [target.but, *filter(None, PARTS.split(target.but))]
    whole, *each = [with_just_words(around.tasks, part) for part in parts]
    if not whole and not all(each):
        return Missing(target.but)
    kept = [*whole, *(task for found in each for task in found)]
    return _found([task for task in tasks if task not in kept], None)
