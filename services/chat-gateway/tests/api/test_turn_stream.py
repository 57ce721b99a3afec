"""The response that writes a turn out: it ends with its turn, and leaves nothing running."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from chat_gateway.api.channel import MOST_BEHIND, Channel
from chat_gateway.api.turn_stream import TurnStream
from chat_gateway.errors import ConversationNotFound, ModelUnavailable, Problem
from chat_gateway.telemetry.stream_metrics import StreamMetrics
from chat_gateway.turns.events import Closed, Event, Retracted, Said
from prometheus_client import CollectorRegistry

SCOPE: dict[str, Any] = {"type": "http", "path": "/api/x/chat", "headers": []}
TEXT = uuid4()
LIMIT_SECONDS = 60


class Plainly:
    """Writes the names of what happens."""

    def told(self, event: Event) -> bytes:
        return f"{type(event).__name__} ".encode()

    def failed(self, problem: Problem) -> bytes:
        return problem.code.encode()


@dataclass
class Reader:
    """Reads what is sent. deaf: takes nothing after the head."""

    deaf: bool = False
    sent: list[dict[str, Any]] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if self.deaf and message["type"] == "http.response.body":
            await asyncio.Event().wait()
        self.sent.append(message)

    @property
    def body(self) -> str:
        return b"".join(one.get("body", b"") for one in self.sent).decode()


@dataclass
class Stream:
    """A response to one reader."""

    run: Callable[[Channel], Awaitable[object]]
    reader: Reader = field(default_factory=Reader)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    patience_seconds: float = LIMIT_SECONDS

    async def written(self) -> None:
        response = TurnStream(
            self.run,
            Plainly(),
            StreamMetrics(self.registry),
            patience_seconds=self.patience_seconds,
        )
        await response(SCOPE, self.reader.receive, self.reader.send)

    def ended(self, how: str) -> float | None:
        return self.registry.get_sample_value("taskchat_streams_total", {"ended": how})


def tasks() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks()


async def test_it_is_read_to_its_end() -> None:
    async def run(reader: Channel) -> None:
        reader.tell(Said(TEXT, "a"))
        await asyncio.sleep(0)
        reader.tell(Closed("{}", replayed=False))

    before = tasks()
    stream = Stream(run)
    await stream.written()
    assert stream.reader.body == "Said Closed "
    assert [one.get("more_body") for one in stream.reader.sent][-1] is False
    assert stream.ended("read") == 1
    assert tasks() == before


async def test_what_fails_before_the_first_event_is_raised_and_nothing_is_sent() -> None:
    async def run(_: Channel) -> None:
        raise ConversationNotFound()

    stream = Stream(run)
    with pytest.raises(ConversationNotFound):
        await stream.written()
    assert stream.reader.sent == []


async def test_what_fails_later_is_the_last_event() -> None:
    async def run(reader: Channel) -> None:
        reader.tell(Said(TEXT, "a"))
        raise ModelUnavailable()

    stream = Stream(run)
    await stream.written()
    assert stream.reader.body == "Said model_unavailable"
    assert stream.ended("error") == 1


async def test_a_reader_that_leaves_is_not_waited_for_but_its_turn_is() -> None:
    reader, ended = Reader(), asyncio.Event()
    may_end = asyncio.Event()

    async def run(reader: Channel) -> None:
        reader.tell(Said(TEXT, "a"))
        await may_end.wait()
        reader.tell(Said(TEXT, "b"))
        ended.set()

    before = tasks()
    stream = Stream(run, reader)
    writing = asyncio.create_task(stream.written())
    await asyncio.sleep(0)
    reader.gone.set()
    await asyncio.sleep(0.01)
    assert not writing.done()
    may_end.set()
    await asyncio.wait_for(writing, LIMIT_SECONDS)
    assert ended.is_set()
    assert stream.ended("left") == 1
    assert tasks() == before


async def test_a_reader_that_takes_nothing_stops_neither_turn_nor_call() -> None:
    ended = asyncio.Event()

    async def run(reader: Channel) -> None:
        for _ in range(100):
            reader.tell(Said(uuid4(), "a"))
            await asyncio.sleep(0)
        ended.set()

    stream = Stream(run, Reader(deaf=True), patience_seconds=0.05)
    await asyncio.wait_for(stream.written(), LIMIT_SECONDS)
    assert ended.is_set()
    assert stream.ended("left") == 1


async def test_a_process_that_stops_cuts_the_turn_off_and_waits_for_it() -> None:
    told = asyncio.Event()
    cleaned_up = False

    async def run(reader: Channel) -> None:
        nonlocal cleaned_up
        reader.tell(Said(TEXT, "a"))
        told.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            cleaned_up = True

    before = tasks()
    writing = asyncio.create_task(Stream(run).written())
    await told.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert cleaned_up
    assert tasks() == before


class TestChannel:
    async def test_pieces_of_a_text_wait_as_one(self) -> None:
        channel = Channel()
        for delta in ("a", "b"):
            channel.tell(Said(TEXT, delta))
        channel.tell(Retracted(TEXT, "cut"))
        channel.tell(Said(other := uuid4(), "c"))
        assert await channel.take() == [
            Said(TEXT, "ab"), Retracted(TEXT, "cut"), Said(other, "c"),
        ]  # fmt: skip

    async def test_one_who_is_too_far_behind_is_left_behind(self) -> None:
        channel = Channel()
        for _ in range(MOST_BEHIND + 1):
            channel.tell(Said(uuid4(), "a"))
        assert channel.has_left()
        assert await channel.take() == []

    async def test_the_rest_is_taken_before_the_end(self) -> None:
        channel = Channel()
        channel.tell(Said(TEXT, "a"))
        channel.end()
        assert await channel.take() == [Said(TEXT, "a")]
        assert await channel.take() == []
