"""How much of a conversation the model is shown.

Newest messages first until either limit is reached. What is left begins with a message of the
person: an answer without its question misleads a model, and Gemini wants the person to open.
Messages of turns that failed have no answer; they are shown, because the person did say them.
Earlier tool calls are not shown: the tasks may have changed since, and `list_tasks` is never stale.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal["user", "assistant"]

#: Rough on purpose: a tokenizer per model would cost more than the error. About right for English;
#: the budget has to leave room for scripts with fewer characters a token.
CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """A message as the model sees it."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class HistoryLimits:
    """max_messages, max_tokens: ≥ 0, both hold. Source: contract.md "Configuration"."""

    max_messages: int
    max_tokens: int


def estimate_tokens(text: str) -> int:
    """Estimate how many tokens a model counts: a quarter of the characters, rounded up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def select_history(
    newest_first: Iterable[HistoryMessage], limits: HistoryLimits
) -> Sequence[HistoryMessage]:
    """Choose what the model is shown of the messages before the person's new one.

    Returns: messages, oldest first, beginning with the person's.
    """
    chosen: list[HistoryMessage] = []
    tokens = 0
    for message in newest_first:
        tokens += estimate_tokens(message.content)
        if len(chosen) == limits.max_messages or tokens > limits.max_tokens:
            break
        chosen.append(message)
    while chosen and chosen[-1].role == "assistant":
        chosen.pop()
    return chosen[::-1]
