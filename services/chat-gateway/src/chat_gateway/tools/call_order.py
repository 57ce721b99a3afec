"""The calls of an answer in the model's order, as far as it matters to them.

The SDK starts them in that order, several at once. Here a call that writes waits for all before it,
and a read for the writes before it, so that what the database sees is what the model asked for: a
list keeps its order, of two renames the second stays (ADR 0020).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from servicekit.problems import Problem

from chat_gateway.errors import ToolsUnavailable
from chat_gateway.turns.journal import Journal, LeaseLost


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that has begun, or waits for those before it. ended: set when it is over."""

    ordinal: int
    reads: bool
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class CallOrder:
    """The calls of a turn that are under way. Args: journal: has the results of the others."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._calls: list[_Call] = []
        self._failure: Problem | LeaseLost | None = None

    def failed(self, failure: Problem | LeaseLost) -> None:
        """A call came to no result; those that wait for it must not be made."""
        self._failure = self._failure or failure

    @asynccontextmanager
    async def entered(self, ordinal: int, *, reads: bool) -> AsyncIterator[None]:
        """Enter the block when the calls before this one have ended, as far as they matter to it.

        Only calls that have begun are waited for, never one that is still to come, so that calls
        never wait for each other.

        Args: ordinal: of the call in its turn. reads: it changes nothing.
        Raises: Problem, LeaseLost: one of them came to no result, so this one must not be made: a
            resumed turn makes them in their order.
        """
        call = _Call(ordinal, reads)
        before = [one for one in self._calls if one.ordinal < ordinal and not (one.reads and reads)]
        self._calls.append(call)
        try:
            for one in before:
                await one.ended.wait()
                if self._journal.result(one.ordinal) is None:
                    raise self._failure or ToolsUnavailable()
            yield
        finally:
            self._calls.remove(call)
            call.ended.set()
