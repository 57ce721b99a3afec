"""Requests that can be read in two ways, or are too much, on a served socket."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from devstack.ports import free_port

from .programs import Program, wait_until

SERVICE = """
    from fastapi import FastAPI, Request
    from servicekit.serve import serve
    from servicekit.settings import ServiceSettings, load

    app = FastAPI()


    @app.post("/echo/{name}")
    async def echo(name: str, request: Request):
        return {
            "path": request.scope["path"],
            "raw_path": request.scope["raw_path"].decode(),
            "query": request.url.query,
            "host": request.headers.getlist("host"),
            "body": (await request.body()).decode(),
        }


    serve(app, load(ServiceSettings))
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    number = free_port()
    folder = tmp_path_factory.mktemp("framing")
    program = Program(SERVICE, folder, PORT=str(number), METRICS_PORT="")
    wait_until("the service listens", lambda: listens(number))
    yield number
    program.kill()


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=10).close()
    except OSError:
        return False
    return True


def ask(port: int, *pieces: bytes) -> tuple[int, dict[str, Any]]:
    """Send bytes, each piece by itself; gives status and JSON of the answer."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        while data := connection.recv(65_536):
            received += data
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), json.loads(body)


def request(target: str, *headers: str, body: str = "") -> bytes:
    lines = [f"POST {target} HTTP/1.1", "Connection: close", *headers]
    return "\r\n".join([*lines, "", body]).encode()


class TestHeaders:
    @pytest.mark.parametrize("at_once", [True, False])
    @pytest.mark.parametrize(
        "padding",
        [("x-pad: " + "x" * 17_000,), tuple(f"x-{n}: {'x' * 90}" for n in range(180))],
        ids=["one", "many"],
    )
    def test_over_16_kib_are_refused_however_they_come(
        self, port: int, padding: tuple[str, ...], at_once: bool
    ) -> None:
        sent = request("/echo/a", "Host: a", "Content-Length: 0", *padding)
        pieces = [sent] if at_once else [sent[:9_000], sent[9_000:]]

        status, problem = ask(port, *pieces)

        assert (status, problem["code"]) == (431, "headers_too_large")

    def test_target_counts_too(self, port: int) -> None:
        status, problem = ask(port, request(f"/echo/{'x' * 17_000}", "Host: a"))

        assert (status, problem["code"]) == (431, "headers_too_large")

    def test_fifteen_kib_are_taken(self, port: int) -> None:
        sent = request("/echo/a", "Host: a", "Content-Length: 0", "x-pad: " + "x" * 15_000)

        assert ask(port, sent)[0] == 200


class TestLength:
    @pytest.mark.parametrize(
        "framing",
        [("Content-Length: 2", "Transfer-Encoding: chunked"), ("transfer-encoding: chunked",)],
    )
    def test_length_beside_chunks_is_refused(self, port: int, framing: tuple[str, ...]) -> None:
        sent = request("/echo/a", "Host: a", *framing, body="2\r\nhi\r\n0\r\n\r\n")

        status, answer = ask(port, sent)

        if len(framing) == 1:
            assert (status, answer["body"]) == (200, "hi")
        else:
            assert (status, answer["code"]) == (400, "malformed_request")


class TestTarget:
    @pytest.mark.parametrize(
        ("target", "path", "raw_path"),
        [
            ("http://b:80/echo/x", "/echo/x", "/echo/x"),
            ("HTTPS://b:80/echo/%41", "/echo/A", "/echo/%41"),
        ],
    )
    def test_absolute_form_is_taken_and_its_host_counts(
        self, port: int, target: str, path: str, raw_path: str
    ) -> None:
        status, seen = ask(port, request(f"{target}?q=1", "Host: a", "Content-Length: 0"))

        assert status == 200
        assert (seen["path"], seen["raw_path"], seen["query"]) == (path, raw_path, "q=1")
        assert seen["host"] == ["b:80"]

    @pytest.mark.parametrize("target", ["http://b", "http://me@b/echo/x", "ftp://b/echo/x", "*"])
    def test_any_other_form_is_no_path(self, port: int, target: str) -> None:
        assert ask(port, request(target, "Host: a", "Content-Length: 0"))[0] == 404
