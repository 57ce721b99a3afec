"""English in, intents out: the one place where the grammars are put in order."""

import re
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar, cast

from gemini_simulator.language import adding, changing, finishing, removing
from gemini_simulator.language.clauses import Cutter
from gemini_simulator.language.grammar import first_meaning
from gemini_simulator.language.intents import (
    Add,
    Complete,
    Delete,
    Intent,
    Show,
    Talk,
    Unclear,
)
from gemini_simulator.language.joining import join
from gemini_simulator.language.listing import read_listing
from gemini_simulator.language.pasted import read_pasted
from gemini_simulator.language.politeness import SURE, strip_closings, strip_openings
from gemini_simulator.language.smalltalk import read_off_topic, read_small_talk
from gemini_simulator.language.spelling import mend_nouns, readings
from gemini_simulator.language.text import Quotations, tidy
from gemini_simulator.language.words import begins_with_task_verb

# Earlier grammars win: "remove the note from X" changes a task, "show what is done" lists.
RULES = (*changing.RULES, *removing.RULES, *finishing.RULES)
OWN_WISH = re.compile(
    r"^(?:i|we) (?:also |still |really |just )?(?:need|have|got|want|must|should)\b", re.IGNORECASE
)
ABOUT_THE_LIST = re.compile(r"\b(?:tasks?|list|to-?dos?|todos?|reminders?)\b", re.IGNORECASE)
POLITE_COLON = re.compile(r",? (?:please|pls|for me)\s*:", re.IGNORECASE)
LONGEST_TITLE_WORDS = 12

T = TypeVar("T")


def read_requests(message: str) -> list[Intent]:
    """What a message asks for, in order; one Talk or Unclear when it asks for nothing.

    Args: message: as the person typed it.
    """
    quotations = Quotations()
    tidied = tidy(message)
    pasted = read_pasted(tidied, read_clause)
    if pasted is not None:
        return [pasted]
    protected = quotations.protect(SURE.sub("", tidied) or tidied)
    text = POLITE_COLON.sub(":", mend_nouns(protected))
    talk = read_small_talk(text)
    if talk is not None:
        return [talk]
    meanings = _with_second_line(text) or join(Cutter(read_clause).read(text))
    restored = [_restore(meaning, quotations.restore) for meaning in meanings]
    return restored or [Unclear("")]


def _with_second_line(text: str) -> list[Intent]:
    """ "Add a task to write the report", and what there is to say about it in a line below."""
    first, _, second = text.partition("\n")
    head, below = Cutter(read_clause).read(first), Cutter(read_clause).read(second)
    if len(head) != 1 or not isinstance(head[0], Add) or len(head[0].tasks) != 1:
        return []
    task = head[0].tasks[0]
    is_about_it = below and all(isinstance(one, Unclear) and not one.maybe_task for one in below)
    return (
        [Add((replace(task, description=second),))] if is_about_it and not task.description else []
    )


def read_clause(clause: str) -> Intent:
    """What one clause means; Unclear when no grammar fits, even after mending slips."""
    talk = read_small_talk(clause)
    if talk is not None:
        return talk
    for reading in (clause, *readings(clause)):
        meaning = _read(reading)
        if meaning is not None:
            return meaning
    bare = strip_closings(strip_openings(clause))
    is_task = begins_with_task_verb(bare) and len(bare.split()) <= LONGEST_TITLE_WORDS
    if is_task and "?" not in clause:
        return Unclear(bare, maybe_task=True)
    return read_off_topic(clause) or Unclear(bare)


def _read(clause: str) -> Intent | None:
    opened = strip_openings(clause)
    bare = strip_closings(opened)
    if not bare:
        return Talk("praise")
    listing = read_listing(bare)
    if OWN_WISH.match(bare):
        return listing or _wish(bare)
    return listing or first_meaning(RULES, bare) or first_meaning(adding.RULES, bare)


def _wish(clause: str) -> Intent | None:
    """ "I need to finish the report" is a task; "I need to see my tasks" is a command."""
    inner = re.sub(r"^.*?\bto (?:also |still )?", "", clause, count=1)
    if inner != clause and ABOUT_THE_LIST.search(inner):
        command = read_listing(inner) or first_meaning(RULES, inner)
        if isinstance(command, Show | Complete | Delete):
            return command
    return first_meaning(adding.RULES, clause) or first_meaning(RULES, clause)


def is_command(meanings: Sequence[Intent]) -> bool:
    """Whether a message asks for something by itself, without the question before it."""
    return any(
        not isinstance(meaning, Talk | Unclear)
        and not (isinstance(meaning, Complete) and meaning.is_guess)
        for meaning in meanings
    )


def _restore(value: T, restore: Callable[[str], str]) -> T:
    """The same meaning with the quoted words in their places."""
    if isinstance(value, str):
        return cast(T, restore(value))
    if isinstance(value, tuple):
        return cast(T, tuple(_restore(item, restore) for item in value))
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: _restore(getattr(value, f.name), restore) for f in fields(value)}
        return replace(value, **changed)
    return value
