"""A response that writes a turn out while it runs, and lets it end when nobody reads.

The turn is a task of the call, so that it is in flight, under the server span and waited for at
shutdown until it has ended; Starlette's own StreamingResponse would cancel it with its reader.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from servicekit.problems import Problem, answer_to
from servicekit.telemetry.trace_context import tell_server_span
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chat_gateway.api.call import REPLAYED
from chat_gateway.api.channel import Channel
from chat_gateway.telemetry.stream_metrics import StreamMetrics
from chat_gateway.turns.events import Closed, Event

MEDIA_TYPE: Final = "text/event-stream"
HEADERS: Final = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
"""No cache keeps it, and no proxy that knows the second one holds it back."""
PATIENCE_SECONDS: Final = 15.0

_logger = logging.getLogger(__name__)


class Wording(Protocol):
    """How one stream spells what a turn tells."""

    def told(self, event: Event) -> bytes:
        """What is written for an event; maybe nothing."""
        ...

    def failed(self, problem: Problem) -> bytes:
        """What is written when the turn ends without an answer after its first event."""
        ...


class TurnStream(Response):
    """Runs a turn and writes it out.

    Until the turn tells something nothing is written, so that what it raises keeps its status.

    Args: run: runs the turn and tells it to its reader's channel. wording: of this stream alone.
        patience_seconds: in which a reader takes what is written; after that it counts as gone.
    Raises: from its call, what `run` raises before it has told anything.
    """

    def __init__(
        self,
        run: Callable[[Channel], Awaitable[object]],
        wording: Wording,
        metrics: StreamMetrics,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        super().__init__(media_type=MEDIA_TYPE, headers=HEADERS)
        del self.headers["content-length"]
        self._run = run
        self._wording = wording
        self._metrics = metrics
        self._patience_seconds = patience_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        channel = Channel()
        turn = asyncio.ensure_future(self._run(channel))
        turn.add_done_callback(lambda _: channel.end())
        try:
            first = await channel.take()
            if not first:
                await turn
            leaving = asyncio.create_task(_leave_with_reader(receive, channel))
            try:
                await self._write(first, channel, turn, scope, send)
            finally:
                leaving.cancel()
                await asyncio.wait([leaving])
        finally:
            if not turn.done():  # cut off: the process must stop
                turn.cancel()
            await asyncio.wait([turn])

    async def _write(
        self,
        first: list[Event],
        channel: Channel,
        turn: "asyncio.Future[object]",
        scope: Scope,
        send: Send,
    ) -> None:
        """Write until the turn is over, even if nobody reads to the end."""
        if any(isinstance(event, Closed) and event.replayed for event in first):
            self.headers.update(REPLAYED)
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        events = first
        while events and not channel.has_left():
            pieces = b"".join(map(self._wording.told, events))
            await self._send_in_time(send, pieces, channel)
            events = await channel.take()
        await asyncio.wait([turn])
        problem = _problem_of(turn, scope)
        if problem is not None:
            await self._send_in_time(send, self._wording.failed(problem), channel)
        await self._send_in_time(send, b"", channel, is_last=True)
        self._metrics.stream_ended(
            "left" if channel.has_left() else "read" if problem is None else "error"
        )

    async def _send_in_time(
        self, send: Send, piece: bytes, channel: Channel, *, is_last: bool = False
    ) -> None:
        """Write a piece, if anybody reads; one who takes nothing for long is not waited for."""
        if channel.has_left() or not (piece or is_last):
            return
        message = {"type": "http.response.body", "body": piece, "more_body": not is_last}
        scope = asyncio.timeout(self._patience_seconds)
        try:
            async with scope:
                await send(message)
        except TimeoutError:
            if not scope.expired():
                raise
            channel.leave()


async def _leave_with_reader(receive: Receive, channel: Channel) -> None:
    """Wait until the reader is gone; the body was read before."""
    while (await receive())["type"] != "http.disconnect":
        pass
    channel.leave()


def _problem_of(turn: "asyncio.Future[object]", scope: Scope) -> Problem | None:
    """What the turn ended in; a bug is logged here, because nobody above sees it any more."""
    if turn.cancelled() or (error := turn.exception()) is None:
        return None
    if isinstance(error, Problem):
        tell_server_span(scope, error)
        return error
    _logger.error("a turn broke while it was streamed", exc_info=error)
    problem = answer_to(error)
    tell_server_span(scope, problem)
    return problem
