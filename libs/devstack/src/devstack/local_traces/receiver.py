"""An OTLP/HTTP receiver within `make run`: what the services export is kept in a file."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import httpx2
from google.protobuf.message import DecodeError

from devstack.local_traces.bodies import read_body
from devstack.local_traces.spans import decode
from devstack.local_traces.trace_file import TraceFile

PATH: Final = "/v1/traces"
LARGEST_BODY: Final = 64 * 1024 * 1024
RELAY_SECONDS: Final = 2.0


class Receiver:
    """Listens on a free loopback port until it is closed.

    Args: file: gets every span. relay_url: of another receiver that gets each export as it came;
        nobody waits for it longer than 2 s, and nothing is repeated.
    """

    def __init__(self, file: TraceFile, *, relay_url: str | None = None) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(file, relay_url))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="trace receiver")
        self._thread.start()

    @property
    def url(self) -> str:
        """What OTEL_EXPORTER_OTLP_ENDPOINT is set to."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(file: TraceFile, relay_url: str | None) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = read_body(self.headers, self.rfile, LARGEST_BODY)
            if body is None:
                self.close_connection = True
                return self._answer(413)
            if self.path != PATH:
                return self._answer(404)
            try:
                zipped = self.headers.get("Content-Encoding") == "gzip"
                file.add(decode(gzip.decompress(body) if zipped else body))
            except (DecodeError, gzip.BadGzipFile, EOFError):
                return self._answer(400)
            self._answer(200)
            if relay_url is not None:
                self._relay(body)

        def _relay(self, body: bytes) -> None:
            names = ("Content-Type", "Content-Encoding")
            sent = {name: self.headers[name] for name in names if name in self.headers}
            try:
                httpx2.post(f"{relay_url}{PATH}", content=body, headers=sent, timeout=RELAY_SECONDS)
            except httpx2.TransportError:
                # What is shown elsewhere is a copy; ours is in the file.
                return

        def _answer(self, status: int) -> None:
            """An empty body is OTLP's full success."""
            self.send_response(status)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """An export is no event for a person."""

    return Handler
