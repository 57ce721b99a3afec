"""Clients that are slow, many or deaf: none of them is waited for without end."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import uvicorn
from devstack.ports import free_port
from servicekit import connections
from servicekit.connections import bounded
from starlette.types import Receive, Scope, Send

from .programs import LIMIT_SECONDS, Program, wait_until

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
WHOLE = HEAD + b"\r\n"
SOON = 0.4
MUCH = b"x" * 10_000_000
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which are the test runner's to have."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Service:
    """An application of one server, and what it does with a request's path.

    `/`: answers. `/read`: reads the body first. `/hold`: answers when it is let. `/much`: answers
    with more than buffers hold.
    """

    def __init__(self, most: int) -> None:
        self.let = asyncio.Event()
        self.running = 0
        self.clients: list[asyncio.StreamWriter] = []
        config = uvicorn.Config(
            self, port=0, lifespan="off", log_config=None, http=bounded(most), ws="none"
        )
        self.server = _Server(config)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.running += 1
        try:
            while scope["path"] == "/read" and (await receive()).get("more_body"):
                pass
            if scope["path"] == "/hold":
                await self.let.wait()
            body = MUCH if scope["path"] == "/much" else b"ok"
            length = str(len(body)).encode()
            headers = [(b"content-length", length)]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.running -= 1

    async def connect(self, sent: bytes = b"") -> Stream:
        """Open a connection and send something."""
        port = self.server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        self.clients.append(writer)
        writer.write(sent)
        await writer.drain()
        return reader, writer

    async def until(self, running: int) -> None:
        """Wait until so many requests run."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while self.running != running:  # noqa: ASYNC110 - requests are not awaited here
                await asyncio.sleep(0.01)


@pytest.fixture
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """Args: request: `indirect` says how many connections there may be."""
    service = Service(getattr(request, "param", 1000))
    serving = asyncio.create_task(service.server.serve())
    async with asyncio.timeout(LIMIT_SECONDS):
        while not service.server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
    yield service
    service.let.set()
    for client in service.clients:
        client.close()
    await asyncio.gather(
        *(client.wait_closed() for client in service.clients), return_exceptions=True
    )
    service.server.should_exit = True
    await serving


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every patience is short here."""
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "TAKING_SECONDS"):
        monkeypatch.setattr(connections, name, SOON)


async def end_of(reader: asyncio.StreamReader) -> bytes:
    """Read until the connection is closed. Returns: what came before."""
    came = b""
    async with asyncio.timeout(LIMIT_SECONDS):
        try:
            while piece := await reader.read(65_536):
                came += piece
        except ConnectionResetError:
            pass
    return came


class TestTime:
    @pytest.mark.parametrize("sent", [b"", b"G", HEAD, HEAD + b"X: " + b"x" * 10_000])
    async def test_head_that_does_not_end_ends_its_connection(
        self, service: Service, sent: bytes
    ) -> None:
        reader, _ = await service.connect(sent)
        assert await end_of(reader) == b""

    async def test_drops_do_not_make_it_longer(self, service: Service) -> None:
        reader, writer = await service.connect(HEAD)
        ended = asyncio.create_task(end_of(reader))
        began = time.monotonic()
        while not ended.done():
            writer.write(b"X: y\r\n")
            await asyncio.wait([ended], timeout=SOON / 8)
        assert time.monotonic() - began < SOON * 8

    async def test_later_head_has_as_long_as_the_first(self, service: Service) -> None:
        reader, writer = await service.connect(WHOLE)
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.write(HEAD)
        assert await end_of(reader) == b""

    async def test_body_that_does_not_end_ends_its_connection(self, service: Service) -> None:
        head = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n"
        reader, _ = await service.connect(head + b'{"me')
        await end_of(reader)
        await service.until(running=0)

    async def test_body_that_nobody_reads_does_not_keep_its_connection(
        self, service: Service
    ) -> None:
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n"
        reader, _ = await service.connect(head + b'{"me')
        assert (await end_of(reader)).endswith(b"ok")

    async def test_answer_that_nobody_takes_ends(self, service: Service) -> None:
        _, writer = await service.connect(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
        await service.until(running=1)
        await service.until(running=0)
        writer.close()

    async def test_request_that_runs_and_a_client_that_waits_are_left_alone(
        self, service: Service
    ) -> None:
        reader, _ = await service.connect(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        idle, again = await service.connect(WHOLE)
        await idle.readuntil(b"ok")
        half, _ = await service.connect(HEAD)
        await end_of(half)  # so long did the others wait
        again.write(WHOLE)
        assert (await idle.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        service.let.set()
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")


class TestNumber:
    @pytest.mark.parametrize("service", [3], indirect=True)
    async def test_one_too_many_closes_the_one_that_has_waited_longest(
        self, service: Service
    ) -> None:
        busy, _ = await service.connect(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        await service.until(running=1)
        first, _ = await service.connect(WHOLE)
        await first.readuntil(b"ok")
        second, other = await service.connect(WHOLE)
        await second.readuntil(b"ok")
        late, _ = await service.connect(WHOLE)
        assert (await late.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        assert await end_of(first) == b""
        other.write(WHOLE)
        assert (await second.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        service.let.set()
        assert (await busy.readuntil(b"ok")).startswith(b"HTTP/1.1 200")

    @pytest.mark.parametrize("service", [2], indirect=True)
    async def test_where_all_are_busy_the_late_one_is_closed(self, service: Service) -> None:
        hold = b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n"
        busy = [await service.connect(hold) for _ in range(2)]
        await service.until(running=2)
        late, _ = await service.connect()
        assert await end_of(late) == b""
        service.let.set()
        for reader, _ in busy:
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")

    async def test_so_many_may_be_half_sent(
        self, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connections, "HEAD_SECONDS", 60.0)
        monkeypatch.setattr(connections, "MOST_HALF_SENT", 2)
        first, _ = await service.connect(HEAD)
        others = [await service.connect(HEAD) for _ in range(2)]
        assert await end_of(first) == b""
        for reader, writer in others:
            writer.write(b"\r\n")
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")


SERVICE = """
    from fastapi import FastAPI
    from servicekit.probes import Readiness, probe_routes
    from servicekit.serve import serve
    from servicekit.settings import ServiceSettings, load

    app, readiness = FastAPI(), Readiness()
    app.router.routes.extend(probe_routes(readiness))
    serve(app, load(ServiceSettings), readiness)
"""
STRANGERS = 3_000
"""Their heads alone are 46 MB. 12,000 need more descriptors than every machine gives a test."""
MOST_MEGABYTES = 20


def megabytes(program: Program) -> float:
    """What a process has in memory now."""
    status = Path(f"/proc/{program.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def test_thousands_of_half_sent_heads_cost_little_and_shut_nobody_out(tmp_path: Path) -> None:
    port = free_port()
    program = Program(SERVICE, tmp_path, PORT=str(port), METRICS_PORT="")

    def answers() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=LIMIT_SECONDS) as healthy:
                healthy.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                return healthy.recv(65_536).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    wait_until("the service answers", answers)
    before = megabytes(program)
    try:
        with ExitStack() as opened:
            for _ in range(STRANGERS):
                stranger = opened.enter_context(
                    socket.create_connection(("127.0.0.1", port), timeout=LIMIT_SECONDS)
                )
                stranger.sendall(HEAD + b"X: " + b"x" * 15_500)
            wait_until("somebody else is answered", answers)
            assert megabytes(program) - before < MOST_MEGABYTES
    finally:
        program.kill()
