"""Which attempt at which turn: what every write names, so that a dead one's no longer counts."""

from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at one turn.

    Attributes:
        turn_id: of the turn; the same for all attempts at it.
        number: 1 for the first.
        lease_seconds: > 0; how long each sign of life keeps the turn ours.
    """

    turn_id: UUID
    number: int
    lease_seconds: float

    def next(self) -> Self:
        """The attempt that takes over from this one."""
        return replace(self, number=self.number + 1)
