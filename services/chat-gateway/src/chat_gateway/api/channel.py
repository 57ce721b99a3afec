"""From a turn to whoever writes it out: the turn never waits, and what waits for it is bounded."""

import asyncio
from typing import Final

from chat_gateway.turns.events import Event, Said

MOST_BEHIND: Final = 1_000
"""Events that a reader may be behind. Pieces of one text wait as one event."""


class Channel:
    """Events of one turn, in order, until it is over or nobody reads them any more."""

    def __init__(self) -> None:
        self._waiting: list[Event] = []
        self._changed = asyncio.Event()
        self._over = False
        self._left = False

    def has_left(self) -> bool:
        """Whether the reader is gone, or too far behind to be told anything."""
        return self._left

    def tell(self, event: Event) -> None:
        """Pass an event on. It is the turn's `Listener`: returns at once, raises nothing."""
        if self._left:
            return
        last = self._waiting[-1] if self._waiting else None
        if isinstance(event, Said) and isinstance(last, Said) and last.text_id == event.text_id:
            self._waiting[-1] = Said(event.text_id, last.delta + event.delta)
        else:
            self._waiting.append(event)
        if len(self._waiting) > MOST_BEHIND:
            self.leave()
        self._changed.set()

    def end(self) -> None:
        """The turn is over: what waits is the rest."""
        self._over = True
        self._changed.set()

    def leave(self) -> None:
        """Nobody reads any more."""
        self._left = True
        self._waiting.clear()
        self._changed.set()

    async def take(self) -> list[Event]:
        """Wait for events. Returns: all that wait; none: the turn is over, or the reader left."""
        while not (self._waiting or self._over or self._left):
            self._changed.clear()
            await self._changed.wait()
        taken, self._waiting = self._waiting, []
        return taken
