"""The time that is left of a turn; model, tools and SQL take their timeouts from it."""

import asyncio
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
