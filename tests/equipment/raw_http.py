"""HTTP/1.1 written byte for byte, because clients tidy up what hostile requests depend on.

Ordinary clients merge repeated headers, refuse odd values and quote paths; here a header goes out
exactly as it is given, as often as it is given.
"""

import asyncio
import http.client
import io
import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 30.0

Header = tuple[str, str | bytes]


@dataclass(frozen=True, slots=True)
class RawResponse:
    """An answer; `headers` keep their order and repetitions, names in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return next((value for key, value in self.headers if key == name.lower()), None)

    def json(self) -> Any:
        """The body as JSON.

        Raises: ValueError: it is none.
        """
        return json.loads(self.body)


class _Received:
    """Lets http.client parse bytes that came from elsewhere than a socket of its own."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def _encoded(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8")


async def send(
    url: str,
    method: str = "POST",
    *,
    target: str | None = None,
    headers: Sequence[Header] = (),
    body: bytes = b"",
    chunked: bool = False,
) -> RawResponse:
    """Send one request on a connection of its own.

    Args: url: where to; its path and query are the request target unless `target` is given.
        target: the request target exactly as it goes over the wire. headers: exactly as they go
        over the wire, after Connection, the body's length and, unless it is among them, Host.
        chunked: send the body in chunks without a Content-Length.
    Returns: the answer.
    Raises: ConnectionError: the server closed without an answer. TimeoutError: after 30 s.
    """
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    path = target if target is not None else (parts.path or "/") + f"?{parts.query}".rstrip("?")
    framing: list[Header] = [("Connection", "close")]
    if not any(name.lower() == "host" for name, _ in headers):
        framing.append(("Host", f"{parts.hostname}:{port}"))
    if chunked:
        framing.append(("Transfer-Encoding", "chunked"))
    elif body or method in {"POST", "PUT", "PATCH"}:
        framing.append(("Content-Length", str(len(body))))
    head = b"".join(
        _encoded(name) + b": " + _encoded(value) + b"\r\n" for name, value in (*framing, *headers)
    )
    sent = body if not chunked else b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    async with asyncio.timeout(TIMEOUT_SECONDS):
        reader, writer = await asyncio.open_connection(
            parts.hostname, port, ssl=ssl.create_default_context() if port == 443 else None
        )
        try:
            writer.write(f"{method} {path} HTTP/1.1\r\n".encode() + head + b"\r\n" + sent)
            received = await reader.read(-1)
        finally:
            writer.close()
    if not received:
        raise ConnectionError(f"{url} closed the connection without an answer")
    return _parsed(received, method)


def _parsed(received: bytes, method: str) -> RawResponse:
    response = http.client.HTTPResponse(_Received(received), method=method)  # type: ignore[arg-type] # only makefile() is used
    response.begin()
    headers = tuple((name.lower(), value) for name, value in response.getheaders())
    return RawResponse(response.status, headers, response.read())
