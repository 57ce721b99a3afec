"""Streams as a client reads them: every event is one of the protocol's, member for member."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
from chatkit.types import Thread, ThreadStreamEvent
from pydantic import TypeAdapter

from .gateway import ORIGIN, Gateway

EVENT: TypeAdapter[Any] = TypeAdapter(ThreadStreamEvent)
UPDATED = "thread.item.updated"


def checked(data: str) -> dict[str, Any]:
    """One event of a ChatKit stream. It must hold what the library knows, and no more."""
    assert data.splitlines() == [data], "a client may take it for more than one line"
    event: dict[str, Any] = json.loads(data)
    read = EVENT.validate_json(data, strict=True)
    assert json.loads(read.model_dump_json(by_alias=True, exclude_none=True)) == event
    return event


async def events_of(response: httpx2.Response) -> AsyncIterator[tuple[str | None, str]]:
    """Server-sent events as they come: name, data."""
    name, rest = None, b""
    async for block in response.aiter_bytes():
        *ended, rest = (rest + block).split(b"\n")
        for raw in ended:
            line = raw.decode()
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, line.removeprefix("data: ")
            else:
                assert line == "", f"not an event: {line}"
                name = None
    assert rest == b""


@asynccontextmanager
async def opened(
    gateway: Gateway, user_id: UUID, body: Mapping[str, object], **headers: str | None
) -> AsyncIterator[httpx2.Response]:
    """An answer whose head is here."""
    sent: dict[str, str | None] = {
        "origin": ORIGIN,
        "authorization": f"Bearer {gateway.issuer.token(user_id)}",
        "content-type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    async with gateway.client.stream(
        "POST",
        f"/api/{user_id}/chat",
        content=json.dumps(body).encode(),
        headers={name: value for name, value in sent.items() if value is not None},
    ) as response:
        yield response


@dataclass
class Streamed:
    """A ChatKit stream that was read to its end."""

    headers: Mapping[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        """What happened, in order; of an update, what it updates."""
        return [kind_of(event) for event in self.events]

    @property
    def items(self) -> list[dict[str, Any]]:
        """What stands at the end, as it was last said to be."""
        return standing(self.events)

    @property
    def turn(self) -> dict[str, str]:
        """Turn, conversation and message."""
        data: dict[str, str] = self.of("client_effect")[0]["data"]
        return data

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of a type."""
        return [event for event in self.events if event["type"] == kind]


def kind_of(event: Mapping[str, Any]) -> str:
    """E.g. `done user_message`."""
    kind: str = event["type"]
    if kind == UPDATED:
        return str(event["update"]["type"])
    if kind.startswith("thread.item."):
        item = event.get("item")
        return " ".join([kind.removeprefix("thread.item."), *([item["type"]] if item else [])])
    return f"effect {event['name']}" if kind == "client_effect" else kind


def standing(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The items of a stream; no two share an id, and each ends in `done` or is taken back."""
    items: dict[str, dict[str, Any]] = {}
    open_items: set[str] = set()
    for event in events:
        match event["type"]:
            case "thread.item.added":
                item = event["item"]
                assert item["id"] not in items
                items[item["id"]] = item
                open_items.add(item["id"])
            case "thread.item.replaced":
                assert event["item"]["id"] in items
                open_items.add(event["item"]["id"])
                items[event["item"]["id"]] = event["item"]
            case "thread.item.done":
                open_items.discard(event["item"]["id"])
                items[event["item"]["id"]] = event["item"]
            case "thread.item.removed":
                del items[event["item_id"]]
                open_items.discard(event["item_id"])
            case "thread.item.updated":
                assert event["item_id"] in open_items
    assert not open_items
    return list(items.values())


async def streamed(
    gateway: Gateway, user_id: UUID, body: Mapping[str, object], **headers: str | None
) -> Streamed:
    """Read a ChatKit stream to its end."""
    async with opened(gateway, user_id, body, **headers) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = Streamed(headers=dict(response.headers))
        async for name, data in events_of(response):
            assert name is None
            stream.events.append(checked(data))
        return stream


def said(text: str, thread_id: str | None = None) -> dict[str, object]:
    """The ChatKit body of a message."""
    given = {
        "content": [{"type": "input_text", "text": text}],
        "attachments": [],
        "inference_options": {},
    }
    if thread_id is None:
        return {"type": "threads.create", "params": {"input": given}}
    params = {"input": given, "thread_id": thread_id}
    return {"type": "threads.add_user_message", "params": params}


def retried(stream: Streamed) -> dict[str, object]:
    """The ChatKit body that asks again for the answer of a stream's message."""
    turn = stream.turn
    params = {"thread_id": turn["conversation_id"], "item_id": turn["item_id"]}
    return {"type": "threads.retry_after_item", "params": params}


async def items_of(gateway: Gateway, user_id: UUID, thread_id: str) -> list[dict[str, Any]]:
    """What a thread shows when it is opened again."""
    body = {"type": "threads.get_by_id", "params": {"thread_id": thread_id}}
    response = await gateway.post(user_id, body)
    assert response.status_code == 200, response.text
    thread = Thread.model_validate_json(response.content, strict=True)
    shown: list[dict[str, Any]] = json.loads(
        thread.items.model_dump_json(by_alias=True, exclude_none=True)
    )["data"]
    return shown
