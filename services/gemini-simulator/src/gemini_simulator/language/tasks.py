"""Tasks as the tools give them, and finding them by words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from gemini_simulator.language.words import (
    WORD,
    begins_with_task_verb,
    content_stems,
    content_words,
    is_past_of_task,
    normal_title,
    same_word,
    share_found,
)

LOOSE_SHARE = 0.5  # of the words said that a title must have to be meant at all


@dataclass(frozen=True)
class Task:
    """A task of the person."""

    id: str
    title: str
    description: str | None = None
    completed: bool = False

    @classmethod
    def read(cls, value: JsonValue) -> "Task | None":
        """A task from a tool's output, or None when it is none."""
        if not isinstance(value, dict):
            return None
        task_id, title, description = value.get("id"), value.get("title"), value.get("description")
        if not isinstance(task_id, str) or not isinstance(title, str):
            return None
        return cls(
            id=task_id,
            title=title,
            description=description if isinstance(description, str) and description else None,
            completed=value.get("completed") is True,
        )


def read_tasks(value: JsonValue) -> list[Task]:
    """The tasks in a list of a tool's output."""
    items = value if isinstance(value, list) else []
    return [task for task in map(Task.read, items) if task is not None]


def with_title(tasks: Iterable[Task], title: str) -> list[Task]:
    """The tasks that have this title, but for case, quotes and punctuation."""
    wanted = normal_title(title)
    return [task for task in tasks if normal_title(task.title) == wanted]


def with_words(tasks: Sequence[Task], words: str) -> list[Task]:
    """The tasks that words point at: the exact title, else all words, else most of them."""
    exact = with_title(tasks, words)
    if exact:
        return exact
    complete = with_all_words(tasks, words)
    return complete or _with_most_words(tasks, words)


def with_all_words(tasks: Sequence[Task], words: str) -> list[Task]:
    """The tasks whose titles have every telling word, forgiving endings and slips."""
    wanted = content_stems(words)
    return [task for task in tasks if wanted and share_found(wanted, task.title) == 1]


def with_just_words(tasks: Sequence[Task], words: str) -> list[Task]:
    """The tasks whose titles surely have every telling word: another form of it, no other word."""
    wanted = content_words(words)
    return [
        task
        for task in tasks
        if wanted and all(any(same_word(word, one) for one in _words_of(task)) for word in wanted)
    ]


def is_other_title(task: Task, words: str) -> bool:
    """Whether words read like a whole title and this one says more: "buy milk", "buy oat milk".

    What somebody has done may be the beginning of it: "emailed Ann" of "email Ann about the trip".
    """
    said, title = content_words(words), content_words(task.title)
    is_beginning = all(same_word(one, other) for one, other in zip(said, title, strict=False))
    is_order = begins_with_task_verb(words)
    is_report = is_past_of_task(said[0]) and same_word(said[0], title[0]) and not is_beginning
    return len(said) in range(2, len(title)) and (is_order or is_report)


def _words_of(task: Task) -> list[str]:
    return [word.lower() for word in WORD.findall(task.title)]


def _with_most_words(tasks: Sequence[Task], words: str) -> list[Task]:
    wanted = content_stems(words)
    shares = [(share_found(wanted, task.title), task) for task in tasks]
    best = max((share for share, _ in shares), default=0.0)
    if best < LOOSE_SHARE:
        return []
    return [task for share, task in shares if share == best]
