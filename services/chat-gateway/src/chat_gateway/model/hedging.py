"""A second request beside one that is slow: the first usable answer wins, the loser is cancelled.

Of answers that come in pieces the one that begins first wins, since a person reads it already.

A model call has no side effect, so it may be sent twice. Source: Dean and Barroso, "The Tail at
Scale", CACM 56(2), 2013, "Hedged requests"; for the budget, gRFC A6, "Throttling Retry Attempts and
Hedged RPCs". Why, and with which numbers: ADR 0016.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from chat_gateway.model.endpoint import STALL_SECONDS

HEDGED_SHARE: Final = 0.1
"""Most hedges for each model call, in the long run: an outage must not double the load."""
SAVED_AT_MOST: Final = 10.0
"""Hedges that a quiet time saves up for a bad minute."""

Winner = Literal["first", "hedge", "none"]
"""Which request of a hedged call was answered usably; `none`: neither was."""

T = TypeVar("T")
Begin = Callable[[], None]
"""Called by a request whose answer begins: it is the one that is waited for, others are cancelled.
Not for an answer that comes as a whole."""


class HedgeBudget:
    """Hedges that this process may still send: a call earns a share of one, a hedge costs one.

    A limit on what the process does, over all turns, like the size of a connection pool: it knows
    nothing of any of them, and losing it loses nothing.
    """

    def __init__(self, share: float = HEDGED_SHARE, saved_at_most: float = SAVED_AT_MOST) -> None:
        self._share = share
        self._saved_at_most = saved_at_most
        self._saved = saved_at_most

    def earn(self) -> None:
        """A call begins."""
        self._saved = min(self._saved_at_most, self._saved + self._share)

    def spend(self) -> bool:
        """Take one hedge out. Returns: whether there was one."""
        if self._saved < 1:
            return False
        self._saved -= 1
        return True


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the model is waited for.

    call_timeout_seconds: > 0; after which one request is given up, and another may be sent.
    hedge_after_seconds: after which a second request is sent beside it; 0: never.
    stall_seconds: > 0; without a piece of an answer that has begun.
    """

    call_timeout_seconds: float
    hedge_after_seconds: float
    budget: HedgeBudget
    stall_seconds: float = STALL_SECONDS


class HedgedCall:
    """One model call. However often it is tried again, it has one hedge.

    Args: hedge_ended: told who won, once, if a hedge was sent.
    """

    def __init__(self, patience: Patience, hedge_ended: Callable[[Winner], None]) -> None:
        self._after_seconds = patience.hedge_after_seconds
        self._budget = patience.budget
        self._hedge_ended = hedge_ended
        self._may_hedge = patience.hedge_after_seconds > 0
        self._budget.earn()

    async def attempt(self, ask: Callable[[Begin], Awaitable[T]]) -> T:
        """Ask, and ask once more beside it if the answer is late.

        A failure counts only when nothing else is under way: the other request may still succeed.

        Args: ask: sends one request, and says when its answer begins; raises for an answer that
            cannot be used.
        Returns: the first answer that came, or the one that began first.
        Raises: what `ask` raises; of two failures, the later one. Nothing that it sent is under way
            when it has returned or raised, also when it was cancelled.
        """
        if not self._may_hedge:
            return await ask(_alone)
        race = _Race[T]()
        first = race.enter(ask)
        try:
            await asyncio.wait([first], timeout=self._after_seconds)
            if first.done() or race.has_begun or not self._budget.spend():
                return await first
            self._may_hedge = False
            hedge = race.enter(ask)
            return await self._winner(first, hedge)
        finally:
            await race.end()

    async def _winner(self, first: asyncio.Future[T], hedge: asyncio.Future[T]) -> T:
        # In this order: of two answers at the same moment, the first one's is taken.
        racers: dict[Winner, asyncio.Future[T]] = {"first": first, "hedge": hedge}
        winner: Winner = "none"
        latest, under_way = hedge, {first, hedge}
        try:
            while under_way:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for name, racer in racers.items():
                    if racer not in done or racer.cancelled():  # because the other one has begun
                        continue
                    latest = racer
                    if racer.exception() is None:
                        winner = name
                        return racer.result()
            return latest.result()
        finally:
            self._hedge_ended(winner)


class _Race(Generic[T]):
    """Requests that are under way beside each other."""

    def __init__(self) -> None:
        self.has_begun = False
        self._racers: list[asyncio.Future[T]] = []

    def enter(self, ask: Callable[[Begin], Awaitable[T]]) -> asyncio.Future[T]:
        """Send a request."""

        def begin() -> None:
            self.has_begun = True
            for other in self._racers:
                if other is not racer:
                    other.cancel()

        racer = asyncio.ensure_future(ask(begin))
        self._racers.append(racer)
        return racer

    async def end(self) -> None:
        """Cancel what is under way, and wait until it is not."""
        for racer in self._racers:
            racer.cancel()
        await asyncio.gather(*self._racers, return_exceptions=True)


def _alone() -> None:
    """There is no other request."""
