"""How answers name tasks, and reading that back: the conversation keeps texts, not tool results.

An answer names a task as “title”, and shows lists as numbered lines with a box before the title.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gemini_simulator.language.conversation import Spoken
from gemini_simulator.language.smalltalk import read_small_talk
from gemini_simulator.language.tasks import Task
from gemini_simulator.language.text import tidy

OPEN_BOX = "☐"
TICKED_BOX = "☑"
LINE = re.compile(
    rf"^\s*(?P<number>\d+)[.)]\s+(?P<box>[{OPEN_BOX}{TICKED_BOX}] )?(?P<title>.+?)\s*$",
    re.MULTILINE,
)
FEW_ANSWERS = 3
SHALL_I_DELETE = re.compile(r"Shall I really delete all \d+ of these\?")
NAMED = re.compile(r"“([^”]+)”")


def named(title: str) -> str:
    """A title as it stands in a sentence; quotes inside it are straightened to stay readable."""
    inner = " ".join(title.replace("“", '"').replace("”", '"').split())
    return f"“{inner}”"


def all_named(titles: Sequence[str]) -> str:
    """Several titles as they stand in a sentence."""
    quoted = [named(title) for title in titles]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def listed(tasks: Sequence[Task]) -> str:
    """Tasks as numbered lines, with their descriptions below."""
    lines = []
    for number, task in enumerate(tasks, 1):
        box = TICKED_BOX if task.completed else OPEN_BOX
        lines.append(f"{number}. {box} {' '.join(task.title.split())}")
        if task.description:
            lines.append(f"   {' '.join(task.description.split())}")
    return "\n".join(lines)


@dataclass(frozen=True)
class Mentions:
    """Titles that an answer named. Args: shown: as a numbered list; told: inside sentences."""

    shown: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def spoken_of(self) -> tuple[str, ...]:
        """What "it" and "them" mean: those in sentences, else the list."""
        return self.told or self.shown


def read_mentions(text: str) -> Mentions:
    """The titles that an answer named."""
    shown = tuple(match["title"].strip("“”") for match in LINE.finditer(text))
    told = dict.fromkeys(NAMED.findall(LINE.sub("", text)))
    return Mentions(shown=shown, told=tuple(told))


def last_mentions(history: Sequence[Spoken]) -> Mentions:
    """The titles of the last answer; of one before it, when only thanks came between."""
    is_asked = False
    for spoken in reversed(history):
        if spoken.role == "user":
            talk = read_small_talk(tidy(spoken.text))
            if not is_asked and (talk is None or talk.kind not in ("thanks", "praise")):
                break
            continue
        is_asked = SHALL_I_DELETE.search(spoken.text) is not None
        mentions = read_mentions(spoken.text)
        if mentions.spoken_of and not is_asked:
            return mentions
    return Mentions()


def lately_mentioned(history: Sequence[Spoken]) -> tuple[str, ...]:
    """What the last few answers told of, oldest first: "both" after two requests; no lists."""
    answers = [spoken.text for spoken in history if spoken.role == "assistant"][-FEW_ANSWERS:]
    titles = (title for text in answers for title in read_mentions(text).told)
    return tuple(dict.fromkeys(titles))


def last_shown(history: Sequence[Spoken]) -> tuple[str, ...]:
    """The titles of the last numbered list, in its order; none when there was no list."""
    for spoken in reversed(history):
        if spoken.role == "assistant":
            shown = read_mentions(spoken.text).shown
            if shown:
                return shown
    return ()
