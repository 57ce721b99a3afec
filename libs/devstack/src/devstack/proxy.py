"""Proxies for tests: one that swaps the server between requests, one that breaks connections.

Each runs on an event loop in a thread of its own, so that blocking tests can use them too.
"""

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Coroutine, Sequence
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

from devstack.ports import LOOPBACK

CHUNK_BYTES = 65536
CALL_LIMIT_SECONDS = 10.0
HEAD_END = b"\r\n\r\n"
Result = TypeVar("Result")


class _Listener:
    """A TCP listener on a free port, served by a loop in its own thread; a context manager."""

    def __init__(self) -> None:
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._call(self._listen())

    @property
    def url(self) -> str:
        """Where the proxy listens, as a base URL for HTTP."""
        return f"http://localhost:{self.port}"

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    def close(self) -> None:
        """Drop all connections and stop listening for good."""
        self._call(self._stop_listening())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CALL_LIMIT_SECONDS)
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends."""
        raise NotImplementedError

    def _call(self, work: Coroutine[None, None, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_LIMIT_SECONDS)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._drop_connections()

    async def _drop_connections(self) -> None:
        connections = tuple(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = self._loop.create_task(self._serve_and_close(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve_and_close(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            try:
                await self.serve(reader, writer)
            finally:
                # Abort, not close: what a broken network leaves is a reset, not a polite end.
                writer.transport.abort()


class RoundRobinProxy(_Listener):
    """Sends each HTTP request to the next target, over a connection of its own.

    A target that refuses the connection is passed over, as a load balancer does.
    """

    def __init__(self, targets: Sequence[str]) -> None:
        """Args: targets: base URLs, at least one."""
        self.targets = tuple(targets)
        self._turn = itertools.count()
        super().__init__()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay one request and its answer; the client opens a new connection for the next."""
        head = await reader.readuntil(HEAD_END)
        upstream_reader, upstream_writer = await self._connect()
        try:
            upstream_writer.write(_without_keep_alive(head))
            request = asyncio.create_task(_relay(reader, upstream_writer))
            try:
                answer = await upstream_reader.readuntil(HEAD_END)
                writer.write(_without_keep_alive(answer))
                await _relay(upstream_reader, writer)
            finally:
                request.cancel()
                await asyncio.gather(request, return_exceptions=True)
            await _finish(writer)
        finally:
            upstream_writer.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        first = next(self._turn)
        for offset in range(len(self.targets)):
            address = urlsplit(self.targets[(first + offset) % len(self.targets)])
            try:
                return await asyncio.open_connection(LOOPBACK, address.port)
            except ConnectionRefusedError:
                continue
        raise ConnectionRefusedError("no target accepts connections")


class OutageProxy(_Listener):
    """Relays TCP to one port until a test breaks it."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._flowing = asyncio.Event()
        self._flowing.set()
        super().__init__()

    def stop(self) -> None:
        """Drop all connections and refuse new ones."""
        self._call(self._stop_listening())

    def cut(self) -> None:
        """Drop all connections now; new ones are relayed."""
        self._call(self._drop_connections())

    def hold(self) -> None:
        """Let no byte through either way; connections stay open, new ones are accepted."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def resume(self) -> None:
        """Relay again, on the same port; what was held goes on."""
        self._call(self._resume())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay both ways until either side ends."""
        upstream_reader, upstream_writer = await asyncio.open_connection(
            LOOPBACK, self._target_port
        )
        try:
            ways = {
                asyncio.create_task(_relay(reader, upstream_writer, self._flowing)),
                asyncio.create_task(_relay(upstream_reader, writer, self._flowing)),
            }
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        finally:
            upstream_writer.transport.abort()

    async def _resume(self) -> None:
        self._flowing.set()
        if self._server is None:
            await self._listen()


async def _relay(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    flowing: asyncio.Event | None = None,
) -> None:
    """Copy bytes until the reader's end."""
    while chunk := await reader.read(CHUNK_BYTES):
        if flowing is not None:
            await flowing.wait()
        writer.write(chunk)
        await writer.drain()


async def _finish(writer: asyncio.StreamWriter) -> None:
    """End politely: every byte is sent before the connection closes."""
    await writer.drain()
    writer.close()
    await writer.wait_closed()


def _without_keep_alive(head: bytes) -> bytes:
    """A head that announces the end of the connection: then its end is the answer's end."""
    lines = head.removesuffix(HEAD_END).split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close", b"", b""])
