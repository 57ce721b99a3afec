"""Serving: what a process does from its start to the end that SIGTERM asks for."""

import contextlib
import http.client
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from devstack.ports import free_port

from .programs import Program, wait_until

SERVICE = """
    import asyncio
    from contextlib import asynccontextmanager
    from pathlib import Path

    from fastapi import FastAPI
    from servicekit.probes import Readiness, probe_routes
    from servicekit.serve import serve
    from servicekit.settings import ServiceSettings, load
    from servicekit.telemetry.logs import set_up_logs

    here = Path(__file__).parent


    @asynccontextmanager
    async def lifespan(app):
        if (here / "broken").exists():
            raise RuntimeError("the lifespan is broken")
        yield
        (here / "closed").touch()


    app = FastAPI(lifespan=lifespan)
    readiness = Readiness()
    app.router.routes.extend(probe_routes(readiness))


    @app.get("/slow")
    async def slow():
        (here / "started").touch()
        while not (here / "release").exists():
            await asyncio.sleep(0.02)
        return "done"


    set_up_logs("service", "INFO")
    serve(app, load(ServiceSettings), readiness)
"""


Start = Callable[..., Program]


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    programs: list[Program] = []

    def start(**variables: str) -> Program:
        given = {"PORT": str(port), "METRICS_PORT": "", **variables}
        programs.append(Program(SERVICE, tmp_path, **given))
        return programs[-1]

    yield start
    for program in programs:
        program.kill()


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def listens(port: int) -> bool:
    try:
        return get(port, "/healthz")[0] == 200
    except OSError:
        return False


def serving(start: Start, port: int, **variables: str) -> Program:
    program = start(**variables)
    wait_until("the service listens", lambda: listens(port))
    return program


class SlowRequest(threading.Thread):
    """A request that is open until the file `release` is there."""

    def __init__(self, port: int, directory: Path) -> None:
        super().__init__()
        self._port = port
        self.answer: tuple[int, str] | OSError | None = None
        self.start()
        wait_until("the slow request is open", (directory / "started").exists)

    def run(self) -> None:
        try:
            self.answer = get(self._port, "/slow")
        except (OSError, http.client.HTTPException) as error:
            self.answer = OSError(str(error))


class TestStart:
    def test_missing_port_ends_with_2(self, start: Start) -> None:
        program = start(PORT="")
        assert program.ended() == 2
        assert program.errors.startswith("PORT is wrong")

    def test_taken_port_ends_with_3_and_says_so(self, start: Start, port: int) -> None:
        with socket.create_server(("127.0.0.1", port)):
            program = start()
            assert program.ended() == 3
        assert any("address already in use" in line["message"] for line in program.log)

    def test_taken_metrics_port_ends_with_3_and_names_the_variable(self, start: Start) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            program = start(METRICS_PORT=str(taken.getsockname()[1]))
            assert program.ended() == 3
        (told,) = program.log
        assert "METRICS_PORT" in told["message"]

    def test_broken_lifespan_ends_with_3_and_is_logged_as_json(
        self, start: Start, tmp_path: Path
    ) -> None:
        (tmp_path / "broken").touch()
        program = start()
        assert program.ended() == 3
        assert any(line["level"] == "ERROR" for line in program.log)

    def test_metrics_have_a_port_of_their_own(self, start: Start, port: int) -> None:
        metrics_port = free_port()
        serving(start, port, METRICS_PORT=str(metrics_port))
        status, body = get(metrics_port, "/metrics")
        assert (status, "process_resident_memory_bytes" in body) == (200, True)
        assert get(port, "/metrics")[0] == 404

    def test_server_does_not_name_itself(self, start: Start, port: int) -> None:
        serving(start, port)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/healthz")
        assert connection.getresponse().getheader("server") is None
        connection.close()

    def test_headers_without_an_end_are_refused(self, start: Start, port: int) -> None:
        serving(start, port)
        assert get(port, "/healthz", {"x-pad": "x" * 10_000})[0] == 200
        received = b""
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"GET /healthz HTTP/1.1\r\nx-pad: ")
                for _ in range(100):
                    connection.sendall(b"x" * 10_000)
            with contextlib.suppress(ConnectionError):
                received = connection.recv(100)
        assert received == b"" or received.startswith(b"HTTP/1.1 400")


class TestStop:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_idle_service_ends_with_0_after_its_lifespan(
        self, start: Start, port: int, tmp_path: Path, number: signal.Signals
    ) -> None:
        program = serving(start, port)
        program.process.send_signal(number)
        assert program.ended() == 0
        assert (tmp_path / "closed").exists()

    def test_open_request_is_answered_and_new_ones_are_refused(
        self, start: Start, port: int, tmp_path: Path
    ) -> None:
        program = serving(start, port)
        request = SlowRequest(port, tmp_path)
        program.process.send_signal(signal.SIGTERM)
        wait_until("the listener is closed", lambda: not listens(port))
        assert program.process.poll() is None
        (tmp_path / "release").touch()
        request.join()
        assert request.answer == (200, '"done"')
        assert program.ended() == 0

    def test_request_that_outlives_its_grace_is_ended(
        self, start: Start, port: int, tmp_path: Path
    ) -> None:
        program = serving(start, port, GRACEFUL_SHUTDOWN_SECONDS="1")
        request = SlowRequest(port, tmp_path)
        program.process.send_signal(signal.SIGTERM)
        assert program.ended() == 0
        request.join()
        assert request.answer != (200, '"done"')

    def test_second_sigint_does_not_wait(self, start: Start, port: int, tmp_path: Path) -> None:
        program = serving(start, port)
        SlowRequest(port, tmp_path)
        program.process.send_signal(signal.SIGINT)
        wait_until("the listener is closed", lambda: not listens(port))
        program.process.send_signal(signal.SIGINT)
        assert program.ended() == 0
