"""The time that is left of a turn; model, tools and SQL take their timeouts from it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from chat_gateway.errors import DeadlineExceeded


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the running loop's monotonic clock; wall-clock jumps do not move it."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Start a deadline now.

        Args: seconds: > 0.
        """
        return cls(at=asyncio.get_running_loop().time() + seconds)

    def remaining_seconds(self) -> float:
        """How long the next step may take.

        Returns: seconds, > 0.
        Raises: DeadlineExceeded (504): nothing is left.
        """
        remaining = self.at - asyncio.get_running_loop().time()
        if remaining <= 0:
            raise DeadlineExceeded()
        return remaining

    @asynccontextmanager
    async def enforced(self) -> AsyncIterator[None]:
        """Cut the block off when the deadline passes.

        Raises: DeadlineExceeded (504): it passed. What else the block raises, as it is.
        """
        scope = asyncio.timeout_at(self.at)
        try:
            async with scope:
                yield
        except TimeoutError as error:
            if scope.expired():
                raise DeadlineExceeded() from error
            raise
