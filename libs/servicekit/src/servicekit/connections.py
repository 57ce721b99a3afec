"""Connections: uvicorn's HTTP/1.1 protocol, with an end to every wait for a client.

uvicorn closes a connection that is idle after an answer and no other: one that never sends a whole
head, drips a body or takes nothing of its answer stays, and costs memory, without a token. What is
half sent is bounded by number too: each may hold as much as `h11_max_incomplete_event_size`.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS: Final = 10.0
"""From the connection, or from the first byte of a later request, until the last of its headers."""
BODY_SECONDS: Final = 30.0
"""From the headers to the end of the body. The bodies here are small: who asks for less says so."""
TAKING_SECONDS: Final = 30.0
"""How long a client may take nothing of an answer that is more than buffers hold."""
MOST_HALF_SENT: Final = 128
"""Connections with a part of a head: whole ones come in one piece, or within milliseconds."""

_UNREADABLE: Final = b"Invalid HTTP request received."
_UNREADABLE_HEADERS: Final = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"connection", b"close"),
)


@dataclass(frozen=True, slots=True)
class _Open:
    """The connections of one server that run no request, those that wait longest first.

    most: open at once. half_sent: those of the waiting that have sent a part of a head.
    """

    most: int
    waiting: dict["BoundedProtocol", None] = field(default_factory=dict)
    half_sent: dict["BoundedProtocol", None] = field(default_factory=dict)


class BoundedProtocol(H11Protocol):
    """One connection. Made by `bounded`, which says how many there may be."""

    open: ClassVar[_Open]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waits_for: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Take a connection; one too many closes the one that has waited longest, maybe itself."""
        super().connection_made(transport)
        self.open.waiting[self] = None
        self._wait_for("head", HEAD_SECONDS)
        if len(self.connections) > self.open.most:
            next(iter(self.open.waiting), self).give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._forget()
        self._stop_waiting()
        if self._taking is not None:
            self._taking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read, and see what the client still owes us."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Wait for the next request. uvicorn's timer closes the connection if nothing comes."""
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        """The client takes less than is written: for so long, and no longer."""
        super().pause_writing()
        self._taking = self.loop.call_later(TAKING_SECONDS, self.give_up)

    def resume_writing(self) -> None:
        """The client has taken most of it."""
        super().resume_writing()
        if self._taking is not None:
            self._taking.cancel()

    def send_400_response(self, msg: str) -> None:
        """As uvicorn's, with the headers that every answer has."""
        for event in (
            h11.Response(status_code=400, headers=list(_UNREADABLE_HEADERS), reason=b"Bad Request"),
            h11.Data(data=_UNREADABLE),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def give_up(self) -> None:
        """Close the connection, whatever is still to be sent."""
        self._forget()
        self.transport.abort()

    def _look(self) -> None:
        """Find out what is waited for. A wait that goes on is not begun anew by what drips in."""
        if self.transport.is_closing():
            return
        runs = self.cycle is not None and not self.cycle.response_complete
        if runs:
            self._forget()
            if self.cycle.more_body:
                self._wait_for("body", BODY_SECONDS)
            else:
                self._stop_waiting()
            return
        self.open.waiting.setdefault(self)
        # The rest of a body that nobody reads is waited for like a head.
        if self.conn.trailing_data[0] or self.conn.their_state is not h11.IDLE:
            self.open.half_sent.setdefault(self)
            self._wait_for("head", HEAD_SECONDS)
            if len(self.open.half_sent) > MOST_HALF_SENT:
                next(iter(self.open.half_sent)).give_up()
            return
        self.open.half_sent.pop(self, None)
        if self.timeout_keep_alive_task is None:
            self._wait_for("head", HEAD_SECONDS)
        else:
            self._stop_waiting()

    def _wait_for(self, what: str, seconds: float) -> None:
        if self._waits_for != what:
            self._stop_waiting()
            self._waits_for = what
            self._timer = self.loop.call_later(seconds, self.give_up)

    def _stop_waiting(self) -> None:
        self._waits_for = None
        if self._timer is not None:
            self._timer.cancel()

    def _forget(self) -> None:
        self.open.waiting.pop(self, None)
        self.open.half_sent.pop(self, None)


def bounded(most: int) -> type[asyncio.Protocol]:
    """The protocol of a server that keeps at most so many connections open. Args: most: ≥ 1."""
    return type("BoundedProtocol", (BoundedProtocol,), {"open": _Open(most)})
