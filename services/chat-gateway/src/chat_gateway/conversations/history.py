"""How much of a conversation the model is shown."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """A message as the model sees it."""

    role: Role
    content: str
