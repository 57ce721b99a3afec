"""A response that promises more than it sends, so that the client sees a cut connection."""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class CutResponse(Response):
    """Sends a beginning and stops; uvicorn then closes the connection.

    Args: beginning: the bytes that are sent. declared_length: the `Content-Length`, larger than
        that, or None for a chunked body that never ends.
    """

    def __init__(self, beginning: bytes, media_type: str, declared_length: int | None) -> None:
        super().__init__(beginning, media_type=media_type)
        del self.headers["content-length"]
        if declared_length is not None:
            self.headers["content-length"] = str(declared_length)

    @classmethod
    def of_body(cls, body: bytes | memoryview) -> "CutResponse":
        """The first half of a JSON body."""
        whole = bytes(body)
        return cls(whole[: len(whole) // 2], "application/json", len(whole))

    @classmethod
    def of_events(cls, events: Sequence[str]) -> "CutResponse":
        """The first events of a stream."""
        return cls("".join(events).encode(), "text/event-stream", None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the beginning and never the end."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
