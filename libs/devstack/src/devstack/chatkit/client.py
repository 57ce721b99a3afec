"""A client of the ChatKit protocol: `make chat`, and the tests of the streamed endpoint."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import httpx2

from devstack.chatkit.event_stream import read_messages
from devstack.chatkit.requests import JsonObject
from devstack.chatkit.thread_view import ProtocolViolation, ThreadView
from devstack.people import CHAT_LIMIT_SECONDS, Person

EVENT_STREAM = "text/event-stream"


class Refused(Exception):
    """The gateway answered with a problem instead of what was asked for.

    Attributes: status. problem: the body, RFC 9457. retry_after_seconds: 0 when it named none.
    """

    def __init__(self, response: httpx2.Response) -> None:
        self.status = response.status_code
        self.problem: JsonObject = _problem(response)
        self.retry_after_seconds = int(response.headers.get("retry-after", "0"))
        super().__init__(f"{self.problem.get('title')} ({self.status}): {self.problem['detail']}")

    @property
    def code(self) -> str:
        """The problem's stable code; empty where the answer was no problem."""
        return str(self.problem.get("code", ""))


@dataclass(frozen=True, slots=True)
class Stream:
    """The events of one answer, as they come. Attributes: replayed: nothing was run for it."""

    replayed: bool
    events: AsyncIterator[JsonObject]


@dataclass(frozen=True, slots=True)
class ChatKitClient:
    """One person at one gateway.

    Attributes: url: of the endpoint, for this person. headers: what each request carries, Origin
        and Authorization. http: connections to use again; without it each request opens its own.
    """

    url: str
    headers: Callable[[], Awaitable[Mapping[str, str]]]
    http: httpx2.AsyncClient | None = field(default=None, repr=False)

    @classmethod
    def of(cls, person: Person, gateway_url: str, http: httpx2.AsyncClient | None = None) -> Self:
        """The client of somebody who is signed in."""
        return cls(person.chat_url(gateway_url), person.headers, http)

    @asynccontextmanager
    async def stream(self, request: JsonObject, *, key: str | None = None) -> AsyncIterator[Stream]:
        """Ask for something that is answered by events. Leaving the block cuts the connection.

        Args: key: the Idempotency-Key.
        Raises: Refused: known before the first event. ProtocolViolation: no stream came.
            BrokenStream, httpx2.TransportError while events are read: the connection broke.
        """
        headers = {**await self.headers(), "Accept": EVENT_STREAM, **_keyed(key)}
        async with (
            _opened(self.http) as http,
            http.stream(
                "POST", self.url, json=request, headers=headers, timeout=CHAT_LIMIT_SECONDS
            ) as response,
        ):
            if response.status_code != httpx2.codes.OK:
                await response.aread()
                raise Refused(response)
            kind = response.headers.get("content-type", "")
            if kind.partition(";")[0] != EVENT_STREAM:
                raise ProtocolViolation(f"{request['type']} was answered with {kind!r}")
            replayed = response.headers.get("idempotency-replayed") == "true"
            yield Stream(replayed, _events(response))

    async def run(
        self, request: JsonObject, view: ThreadView | None = None, *, key: str | None = None
    ) -> ThreadView:
        """Ask, and take in the whole stream.

        Args: view: of the conversation so far; default: none yet.
        Returns: the view, `error` set when the stream ended in one.
        Raises: as `stream`, and ProtocolViolation for any event that may not come.
        """
        view = view or ThreadView(request["params"].get("thread_id"))
        async with self.stream(request, key=key) as stream:
            view.begin()
            async for event in stream.events:
                view.fold(event)
        view.end()
        return view

    async def ask(self, request: JsonObject) -> JsonObject:
        """Ask for something that is answered by one object.

        Raises: Refused: by a problem. httpx2.TransportError.
        """
        async with _opened(self.http) as http:
            response = await http.post(
                self.url, json=request, headers=await self.headers(), timeout=CHAT_LIMIT_SECONDS
            )
        if response.status_code != httpx2.codes.OK:
            raise Refused(response)
        found: JsonObject = response.json()
        return found


async def _events(response: httpx2.Response) -> AsyncIterator[JsonObject]:
    async for message in read_messages(response.aiter_bytes()):
        if message.name != "message":
            raise ProtocolViolation(f"an event named {message.name!r}: ChatKit's have no name")
        event = json.loads(message.data)
        if not isinstance(event, dict):
            raise ProtocolViolation(f"no object: {message.data}")
        yield event


@asynccontextmanager
async def _opened(kept: httpx2.AsyncClient | None) -> AsyncIterator[httpx2.AsyncClient]:
    if kept is not None:
        yield kept
        return
    # trust_env off: a proxy of the environment has no business with localhost.
    async with httpx2.AsyncClient(trust_env=False) as own:
        yield own


def _keyed(key: str | None) -> Mapping[str, str]:
    return {} if key is None else {"Idempotency-Key": key}


def _problem(response: httpx2.Response) -> JsonObject:
    """The problem, or what was said instead of one, by something between us and the gateway."""
    try:
        found = response.json()
    except ValueError:
        found = None
    if isinstance(found, dict) and "detail" in found:
        return found
    return {"title": "No problem+json", "detail": response.text[:300]}
