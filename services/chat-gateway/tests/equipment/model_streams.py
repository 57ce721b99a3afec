"""Streamed answers of a model, in the pieces that Gemini and others send."""

import itertools
from typing import Any

import orjson
from chat_gateway.model.completion import Completion
from chat_gateway.model.streamed import StreamedAnswer

from .gemini import MODEL, Reply, signature

DONE = b"data: [DONE]\n\n"


def piece(finish_reason: str | None = None, *, so_far: int = 0, **delta: Any) -> dict[str, Any]:
    """One piece. Args: so_far: tokens until now; 0: it does not tell. delta: what it adds."""
    told = {"role": "assistant", **delta}
    chunk: dict[str, Any] = {
        "id": "answer",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": MODEL,
        "choices": [{"index": 0, "delta": told, "finish_reason": finish_reason}],
    }
    if so_far:
        chunk["usage"] = {"prompt_tokens": 7, "completion_tokens": so_far}
    return chunk


def texts(*parts: str) -> list[dict[str, Any]]:
    """A piece for each part of a text, and the end."""
    return [*(piece(content=part) for part in parts), piece("stop")]


def call(name: str, arguments: str | None, call_id: str | None = None, **members: Any) -> Any:
    """A tool call, or a part of one. Args: members: e.g. its index."""
    function: dict[str, Any] = {"name": name} if name else {}
    if arguments is not None:
        function["arguments"] = arguments
    identified = {} if call_id is None else {"id": call_id}
    return {**identified, "type": "function", "function": function, **members}


def signed(name: str, arguments: str) -> dict[str, Any]:
    """The member that holds a call's signature."""
    return {"extra_content": {"google": {"thought_signature": signature(name, arguments)}}}


def event(data: object) -> bytes:
    """An event. Args: data: bytes as they are, anything else as JSON."""
    return b"data: " + (data if isinstance(data, bytes) else orjson.dumps(data)) + b"\n\n"


def wire(*pieces: object, done: bool = True) -> bytes:
    """A whole stream. Args: done: whether it says that it ends."""
    return b"".join(map(event, pieces)) + (DONE if done else b"")


def streams(*pieces: object, done: bool = True, cut: bool = False, hangs: bool = False) -> Reply:
    """A streamed answer, an event a block. Args: pieces: None waits for the script's `release`."""
    blocks = [None if one is None else event(one) for one in pieces]
    end = [DONE] if done and not (cut or hangs) else []
    return Reply(
        b"",
        content_type="text/event-stream",
        cut=cut,
        blocks=(*blocks, *end),
        hangs=hangs,
    )


class Heard:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.has_begun = False
        self.text = ""
        self.has_calls = False

    def began(self) -> None:
        self.has_begun = True

    def said(self, text: str) -> None:
        assert self.has_begun
        assert text
        self.text += text

    def called(self) -> None:
        assert self.has_begun
        self.has_calls = True


def read(stream: bytes, *cuts: int) -> tuple[Completion, Heard]:
    """Read a stream. Args: cuts: where its blocks end."""
    heard = Heard()
    answer = StreamedAnswer(heard)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for begin, end in itertools.pairwise(edges):
        answer.feed(stream[begin:end])
    return answer.completion(), heard
