"""The body of a request to http.server, which leaves chunks as they come."""

from email.message import Message
from io import BufferedIOBase


def read_body(headers: Message, stream: BufferedIOBase, most_bytes: int) -> bytes | None:
    """Read a whole body; Node's exporter sends chunks.

    Returns: None if it is larger than that: part of it may be unread, so the connection must close.
    """
    length = headers["Content-Length"]
    if length is not None:
        return None if int(length) > most_bytes else stream.read(int(length))
    body = bytearray()
    while size := int(stream.readline(), 16):
        if len(body) + size > most_bytes:
            return None
        body += stream.read(size)
        stream.readline()
    stream.readline()
    return bytes(body)
