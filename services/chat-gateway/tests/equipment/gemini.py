"""Gemini's OpenAI-compatible endpoint, saying what the test wants it to say."""

import asyncio
import base64
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from .http import serving

MODEL = "gemini-flash-latest"
PATH = "/v1beta/openai/chat/completions"


@dataclass(frozen=True)
class Reply:
    """What is sent for one request.

    held: not before the script says `release`. blocks: of a stream, each written alone; None among
    them waits for `release`. cut: the connection is broken after it. hangs: it stays open.
    """

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    held: bool = False
    blocks: tuple[bytes | None, ...] | None = None
    hangs: bool = False


def says(text: str | None, *, finish_reason: str = "stop", **message: Any) -> Reply:
    """An answer without tools."""
    return _completion({"role": "assistant", "content": text, **message}, finish_reason)


def asks(*calls: tuple[str, Any], text: str | None = None, finish_reason: str = "stop") -> Reply:
    """An answer that asks for tools; arguments that are a string are sent as they are.

    As Gemini does, the first call is signed, and all have the same id.
    """
    tool_calls: list[dict[str, Any]] = []
    for name, arguments in calls:
        said = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
        call: dict[str, Any] = {
            "id": "function-call",
            "type": "function",
            "function": {"name": name, "arguments": said},
        }
        if not tool_calls:
            call["extra_content"] = {"google": {"thought_signature": signature(name, said)}}
        tool_calls.append(call)
    message = {"role": "assistant", "content": text, "tool_calls": tool_calls}
    return _completion(message, finish_reason)


def signature(name: str, arguments: str) -> str:
    """The thought signature of a call."""
    return base64.b64encode(f"{name} {arguments}".encode()).decode()


def fails(status: int, **detail: Any) -> Reply:
    """A failure in Gemini's shape. Args: detail: `retry_after`, or a google.rpc detail object."""
    retry_after = detail.pop("retry_after", None)
    error = {"code": status, "message": "secret words of the person", "status": "NAME"}
    if detail:
        error["details"] = [detail]
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return Reply(orjson.dumps([{"error": error}]), status, headers=headers)


def _completion(message: dict[str, Any], finish_reason: str) -> Reply:
    return Reply(
        orjson.dumps(
            {
                "id": "answer",
                "object": "chat.completion",
                "created": 1,
                "model": MODEL,
                "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
                "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
            }
        )
    )


class ScriptedGemini:
    """Sends the scripted replies in order, and keeps what it was asked.

    `may_answer` is set unless the test holds the answers back. `answering` counts the requests that
    somebody still waits for: a client that closes its connection is noticed. `held` are those that
    wait for `release`.
    """

    def __init__(self) -> None:
        self.url = ""
        self.script: deque[Reply] = deque()
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.asked = asyncio.Event()
        self.answering = 0
        self.held = 0
        self._transports: set[object] = set()  # kept, so that each has an address of its own
        self._released = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ScriptedGemini"]:
        async with serving(PATH, self._answer) as url:
            self.url = f"{url}/v1beta/openai/"
            yield self

    def will(self, *replies: Reply) -> None:
        """Add to what will be answered."""
        self.script.extend(replies)

    async def _hold(self) -> None:
        self.held += 1
        try:
            await self._released.wait()
        finally:
            self.held -= 1

    def release(self) -> None:
        """Send the replies that are held now."""
        self._released.set()
        self._released = asyncio.Event()

    @property
    def connections(self) -> int:
        """How many it was asked on."""
        return len(self._transports)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.answering += 1
        self._transports.add(request.transport)
        try:
            return await self._reply(request)
        finally:
            self.answering -= 1

    async def _reply(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(orjson.loads(await request.read()))
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.asked.set()
        await self.may_answer.wait()
        reply = self.script.popleft()
        if reply.held:
            await self._hold()
        if reply.blocks is not None:
            return await self._stream(request, reply, reply.blocks)
        if reply.cut:
            response = web.StreamResponse(headers={"content-length": "1000"})
            response.content_type = reply.content_type
            await response.prepare(request)
            await response.write(reply.body)
            assert request.transport is not None
            request.transport.abort()
            return response
        return web.Response(
            body=reply.body,
            status=reply.status,
            content_type=reply.content_type,
            headers=reply.headers,
        )

    async def _stream(
        self, request: web.Request, reply: Reply, blocks: Sequence[bytes | None]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers=reply.headers)
        response.content_type = reply.content_type
        response.enable_chunked_encoding()
        await response.prepare(request)
        for block in blocks:
            if block is None:
                await self._hold()
            else:
                await response.write(block)
                await asyncio.sleep(0)
        if reply.hangs:
            await asyncio.Event().wait()
        if reply.cut:
            assert request.transport is not None
            request.transport.abort()
        return response
