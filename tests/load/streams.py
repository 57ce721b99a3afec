"""A turn heard as it comes, and when its first event and its first text were there."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx2
from devstack.chatkit.client import ChatKitClient
from devstack.chatkit.requests import create_thread
from devstack.chatkit.thread_view import ThreadView
from devstack.people import Person

from tests.load.measure import Turn


@dataclass(frozen=True, slots=True)
class Beginnings:
    """Milliseconds from sending the request, one of each a stream."""

    event_ms: list[float] = field(default_factory=list)
    text_ms: list[float] = field(default_factory=list)


def streamed_turn(
    client: httpx2.AsyncClient, url: str, people: Sequence[Person], message: str, seen: Beginnings
) -> Turn:
    """A turn in a new conversation, streamed in the ChatKit protocol.

    Args: seen: gets its times.
    """

    async def turn(caller: int) -> None:
        chatkit, view = ChatKitClient.of(people[caller], url, client), ThreadView()
        started, has_event, has_text = time.perf_counter(), False, False
        async with chatkit.stream(create_thread(message)) as stream:
            async for event in stream.events:
                view.fold(event)
                passed = (time.perf_counter() - started) * 1000
                if not has_event:
                    has_event = True
                    seen.event_ms.append(passed)
                if not has_text and view.text:
                    has_text = True
                    seen.text_ms.append(passed)
        view.end()
        if view.error is not None or not view.text:
            raise RuntimeError(f"a streamed turn ended in {view.error}")

    return turn
