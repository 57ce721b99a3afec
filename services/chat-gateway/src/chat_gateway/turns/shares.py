"""Shares: how much of this process one person may have at a time, and all of them together.

What is counted is what runs at this moment; nothing is remembered of what has ended (law 6). A turn
whose client went away runs on, and so does its count.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from chat_gateway.errors import Overloaded, RateLimited

REQUESTS_PER_TURN: Final = 2
"""Beside a person's turns as many requests again may be sent, read and answered: a full share of
turns must not keep them from stopping one, or from their list."""


class Shares:
    """Hands out places.

    Args: of_all: turns at once, ≥ 1. of_each: of one person, ≥ 1.
    Raises: ValueError: a limit that would refuse everybody.
    """

    def __init__(self, *, of_all: int, of_each: int) -> None:
        if min(of_all, of_each) < 1:
            raise ValueError("a limit must be at least 1")
        self._of_all = of_all
        self._of_each = of_each
        self._requests: Counter[UUID] = Counter()
        self._turns: Counter[UUID] = Counter()

    @contextmanager
    def request(self, user_id: UUID) -> Iterator[None]:
        """Count the block as a request of a person, from before its body is read.

        Raises: RateLimited (429): they have too many.
        """
        if self._requests[user_id] >= self._of_each * REQUESTS_PER_TURN:
            raise RateLimited("Too many requests of yours are being read or answered. Try again.")
        with _counted(self._requests, user_id):
            yield

    @contextmanager
    def turn(self, user_id: UUID) -> Iterator[None]:
        """Count the block as a turn of a person.

        Raises: RateLimited (429): they have as many as one may have. Overloaded (503): everybody
            together has as many as there may be.
        """
        if self._turns[user_id] >= self._of_each:
            raise RateLimited(
                f"You have {self._of_each} turns running, and one more may not begin."
                " Nothing was stored; try again when one of them has ended."
            )
        if self._turns.total() >= self._of_all:
            raise Overloaded()
        with _counted(self._turns, user_id):
            yield


@contextmanager
def _counted(counter: Counter[UUID], user_id: UUID) -> Iterator[None]:
    counter[user_id] += 1
    try:
        yield
    finally:
        counter[user_id] -= 1
        if not counter[user_id]:
            del counter[user_id]
