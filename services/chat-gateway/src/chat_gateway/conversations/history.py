"""How much of a conversation the model is shown.

Exchanges, newest first, until either limit is reached: a message of the person and what stands in
the assistant's place after it, both or neither. An answer without its question misleads a model,
and Gemini wants the person to open and the two to take turns.
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
class Exchange:
    """A message of the person, and what the model is shown as the assistant's words after it."""

    message: str
    reply: str


@dataclass(frozen=True, slots=True)
class HistoryLimits:
    """max_messages, max_tokens: ≥ 0, both hold. Source: contract.md "Configuration"."""

    max_messages: int
    max_tokens: int

    @property
    def max_exchanges(self) -> int:
        """How many exchanges have room in the messages."""
        return self.max_messages // 2


def estimate_tokens(text: str) -> int:
    """Estimate how many tokens a model counts: a quarter of the characters, rounded up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def select_history(
    newest_first: Iterable[Exchange], limits: HistoryLimits
) -> Sequence[HistoryMessage]:
    """Choose what the model is shown of the exchanges before the person's new message.

    Returns: messages, oldest first, the person's and the assistant's in turn.
    """
    chosen: list[HistoryMessage] = []
    tokens = 0
    for exchange in newest_first:
        tokens += estimate_tokens(exchange.message) + estimate_tokens(exchange.reply)
        if len(chosen) // 2 == limits.max_exchanges or tokens > limits.max_tokens:
            break
        chosen.append(HistoryMessage("assistant", exchange.reply))
        chosen.append(HistoryMessage("user", exchange.message))
    return chosen[::-1]
