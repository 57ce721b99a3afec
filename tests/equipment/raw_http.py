"""HTTP/1.1 written byte for byte, because clients tidy up what hostile requests depend on.

Ordinary clients merge repeated headers, refuse odd values and quote paths; here a header goes out
exactly as it is given, as often as it is given.
"""

import asyncio
import http.client
import io
import json
import re
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
    announced: int | None = None,
) -> RawResponse:
    """Send one request on a connection of its own.

    Args: url: where to; its path and query are the request target unless `target` is given.
        target: the request target exactly as it goes over the wire. headers: exactly as they go
        over the wire, after Connection, the body's length and, unless it is among them, Host.
        chunked: send the body in chunks without a Content-Length. announced: Content-Length, where
        it is not the body's.
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
        framing.append(("Content-Length", str(len(body) if announced is None else announced)))
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
            received = await _answer(reader, method)
        finally:
            writer.close()
    if not received:
        raise ConnectionError(f"{url} closed the connection without an answer")
    return _parsed(received, method)


async def _answer(reader: asyncio.StreamReader, method: str) -> bytes:
    """All of the answer: as far as Content-Length says, or to the end of the connection.

    A proxy may keep a connection open for a second after `Connection: close`, to be sure that its
    last bytes are read.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    lengths = re.findall(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", head.lower())
    if method == "HEAD":
        return head
    if len(lengths) != 1:
        return head + await reader.read(-1)
    return head + await _body(reader, int(lengths[0]))


async def _body(reader: asyncio.StreamReader, length: int) -> bytes:
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        return error.partial


def _parsed(received: bytes, method: str) -> RawResponse:
    response = http.client.HTTPResponse(_Received(received), method=method)  # type: ignore[arg-type] # only makefile() is used
    response.begin()
    headers = tuple((name.lower(), value) for name, value in response.getheaders())
    return RawResponse(response.status, headers, response.read())
