"""What an answer of the model says to the person while it comes.

Held back is what may turn out not to be for the person: a call written as text, one of our notes
imitated (past_turns.py), and blanks or marks that nothing may follow. What is held back when the
answer is whole and usable is said then. Which of it is nonsense, completions.py decides.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from chat_gateway.model.arguments import is_storable
from chat_gateway.turns.events import BEFORE_CALLS, Voice

FAILED: Final = "failed"
ABANDONED: Final = "abandoned"
"""Why a text was retracted: the turn ended without an answer, or was cut off."""
REWRITTEN: Final = "rewritten"
"""Why a text was retracted: in the end it is another one."""
MOST_HELD: Final = 2_000
"""Characters; of a text that is held back so long, nothing is said before it is whole."""
_WINDOW: Final = 64
"""Characters in which the beginning of something suspicious can be seen."""
_MARKS: Final = ">*_`-"
"""May stand around a note, and are taken out with it."""
_LITERALS: Final = ("default_api", "to=functions")
_IN_BRACKETS: Final = ("done", "no answer was given", "tool_call", "toolcall")


class Speech:
    """What one request's answer says.

    Args: voice: of the turn. tool_names: that a call written as text may name. begin: called before
        the first word, so that no other request speaks. first_text: told of the first word.
    """

    def __init__(
        self,
        voice: Voice,
        tool_names: Sequence[str],
        begin: Callable[[], None],
        first_text: Callable[[], None],
    ) -> None:
        self._voice = voice
        self._begin = begin
        self._first_text = first_text
        self._suspicious, self._beginnings = _patterns(tuple(tool_names))
        self._said = ""
        self._held = ""
        self._is_silent = False

    def began(self) -> None:
        """The answer begins: it is the one that is heard."""
        self._begin()

    def said(self, text: str) -> None:
        """Say what can be said of a piece and of what was held back before it."""
        if self._is_silent:
            return
        self._held += text
        if not self._said:
            self._held = self._held.lstrip()
        if not is_storable(text):  # nor can it be sent
            self._is_silent = True
            return
        sayable = self._sayable()
        if sayable:
            self._held = self._held[len(sayable) :]
            self._say(sayable)
        self._is_silent = self._is_silent or len(self._held) > MOST_HELD

    def called(self) -> None:
        """The answer asks for tools: its text is no answer."""
        self._is_silent = True
        self.retract(BEFORE_CALLS)

    def ended(self, text: str) -> None:
        """The answer is whole. Args: text: that stands; what was not said of it is said now."""
        if not text.startswith(self._said):
            self.retract(REWRITTEN)
        if rest := text[len(self._said) :]:
            self._say(rest)

    def retract(self, reason: str) -> None:
        """Take back what was said, if anything was."""
        if self._said:
            self._said = ""
            self._voice.retract(reason)

    def _say(self, text: str) -> None:
        if not self._said:
            self._first_text()
        self._said += text
        self._voice.say(text)

    def _sayable(self) -> str:
        """The part of what is held back that is text for the person, whatever comes after it."""
        if found := self._suspicious.search(self._held):
            self._is_silent = True
            return _trimmed(self._held[: found.start()])
        begun = self._beginnings.search(self._held, max(0, len(self._held) - _WINDOW))
        return _trimmed(self._held[: begun.start()] if begun else self._held)


def _trimmed(text: str) -> str:
    while (shorter := text.rstrip().rstrip(_MARKS)) != text:
        text = shorter
    return text


@lru_cache(maxsize=8)
def _patterns(tool_names: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What is suspicious, and what may become so at the end of a text."""
    names = [*tool_names, *(name.replace("_", "") for name in tool_names)]
    words = [*names, *_LITERALS]
    brackets = [*_IN_BRACKETS, *names, "{"]
    suspicious = re.compile(
        rf"```|>>>|\{{|<[A-Za-z|｜/_]|✿|(?<![A-Za-z0-9])(?:{_any_of(words)})"
        rf"|\[[ \t]*(?:{_any_of(brackets)})",
        re.I,
    )
    beginnings = re.compile(
        rf"(?:<|(?<![A-Za-z0-9])(?:{'|'.join(map(_begun, words))})"
        rf"|\[[ \t]*(?:{'|'.join(map(_begun, brackets))})?)\Z",
        re.I,
    )
    return suspicious, beginnings


def _any_of(words: Sequence[str]) -> str:
    return "|".join(map(re.escape, words))


def _begun(word: str) -> str:
    """A pattern of each beginning of a word: `a`, `ad`, `add`."""
    return "(?:".join(map(re.escape, word)) + ")?" * (len(word) - 1)
