"""Putting together what belongs together: a title or a description in a sentence of its own."""

from collections.abc import Sequence
from dataclasses import replace

from gemini_simulator.language.intents import (
    Add,
    Change,
    Describe,
    Intent,
    MissingTitle,
    Talk,
    Unclear,
)
from gemini_simulator.language.titles import read_new_tasks


def join(meanings: Sequence[Intent]) -> list[Intent]:
    """The requests of a message; the last talk or unclear part when there is no request."""
    joined = _with_descriptions(_with_titles(meanings))
    requests = [meaning for meaning in joined if not isinstance(meaning, Talk | Unclear)]
    return [*requests] or joined[-1:]


def _with_titles(meanings: Sequence[Intent]) -> list[Intent]:
    """ "Can you add a task? Water the plants", "Rename the first. New name: rest"."""
    joined: list[Intent] = []
    for meaning in meanings:
        before = joined[-1] if joined else None
        if isinstance(before, MissingTitle) and before.target and isinstance(meaning, Change):
            joined[-1] = replace(meaning, target=before.target)
            continue
        asks = bool(joined) and joined[-1] == MissingTitle()
        titles = read_new_tasks(meaning.text, many=None) if isinstance(meaning, Unclear) else []
        if asks and titles:
            joined[-1] = Add(tuple(titles))
        elif meaning != MissingTitle() or not any(isinstance(one, Add) for one in joined):
            joined.append(meaning)
    return joined


def _with_descriptions(meanings: Sequence[Intent]) -> list[Intent]:
    """ "Add call Ann. Description: about the trip": the second sentence describes the task."""
    joined: list[Intent] = []
    for meaning in meanings:
        before = joined[-1] if joined else None
        if isinstance(meaning, Describe) and isinstance(before, Add):
            described = replace(before.tasks[-1], description=meaning.description)
            joined[-1] = Add((*before.tasks[:-1], described))
        else:
            joined.append(meaning)
    return joined
