"""Our ChatKit client for tests: each event of each stream is also judged by the library's types."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any, Final

import httpx2
from chatkit.types import Page, Thread, ThreadStreamEvent
from devstack.chatkit.client import ChatKitClient, Refused
from devstack.chatkit.event_stream import BrokenStream
from devstack.chatkit.requests import JsonObject, get_thread, list_items, retry_after_item
from devstack.chatkit.thread_view import ProtocolViolation, ThreadView
from pydantic import TypeAdapter

from tests.equipment.chat import ORIGIN, User
from tests.equipment.waiting import LIMIT_SECONDS, wait_until

EVENT: Final[TypeAdapter[Any]] = TypeAdapter(ThreadStreamEvent)
THREAD: Final = TypeAdapter(Thread)
PAGE: Final[TypeAdapter[Any]] = TypeAdapter(Page)
IDS: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UTC_TIMES: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
BROKEN: Final = (BrokenStream, httpx2.TransportError)
RETRYABLE: Final = frozenset({409, 502, 503, 504})
EARLIER: Final = 100
"""More items than any conversation of these tests has; the most that a page may have."""


class CheckedView(ThreadView):
    """A view that takes nothing in which the library would not have sent itself.

    Attributes: events: all that came, of all streams.
    """

    def __init__(self, thread_id: str | None = None) -> None:
        super().__init__(thread_id)
        self.events: list[JsonObject] = []

    def fold(self, event: JsonObject) -> None:
        """As `ThreadView`, and raises ValidationError where the library's types refuse it."""
        EVENT.validate_python(event)
        for item in (event.get("item"), event.get("thread")):
            if item is not None and not (
                IDS.fullmatch(item["id"]) and UTC_TIMES.fullmatch(item["created_at"])
            ):
                raise ProtocolViolation(f"no id or no time of ours: {event}")
        super().fold(event)
        self.events.append(event)


def open_http() -> httpx2.AsyncClient:
    """For all clients of a test: making one costs 30 ms, for the certificates that it trusts."""
    return httpx2.AsyncClient(trust_env=False, limits=httpx2.Limits(max_keepalive_connections=0))


def chatkit(gateway: str, user: User, http: httpx2.AsyncClient | None = None) -> ChatKitClient:
    """The client of somebody. Args: http: see `open_http`; default: one for each request."""

    async def headers() -> Mapping[str, str]:
        return {"Origin": ORIGIN, "Authorization": f"Bearer {user.token}"}

    return ChatKitClient(f"{gateway}/api/{user.user_id}/chat", headers, http)


async def stored_items(client: ChatKitClient, thread_id: str) -> list[JsonObject]:
    """The items of a conversation as they are read again, judged by the library's types.

    Raises: AssertionError: a thread and its list of items say different things.
    """
    thread = await client.ask(get_thread(thread_id))
    THREAD.validate_python(thread)
    page = await client.ask(list_items(thread_id, limit=EARLIER))
    PAGE.validate_python(page)
    items: list[JsonObject] = page["data"]
    newest: list[JsonObject] = thread["items"]["data"]
    assert newest == items[len(items) - len(newest) :], "the thread and its list differ"
    return items


async def expect_stored_as_streamed(client: ChatKitClient, view: ThreadView) -> None:
    """What was streamed is what is read again: ids, times, rows, texts, order.

    Args: view: of the whole conversation.
    Raises: AssertionError: it is not; shows both.
    """
    assert view.thread_id is not None
    thread = await client.ask(get_thread(view.thread_id))
    assert thread["title"] == view.title
    assert await stored_items(client, view.thread_id) == list(view.items.values())


async def cut_after(
    client: ChatKitClient,
    request: JsonObject,
    view: ThreadView,
    events: int,
    *,
    key: str | None = None,
) -> bool:
    """Leave a stream after so many events. Args: events: 0: as soon as it has begun.

    Returns: whether it had ended by itself before.
    """
    async with client.stream(request, key=key) as stream:
        view.begin()
        left = events
        async for event in stream.events:
            if left == 0:
                return False
            view.fold(event)
            left -= 1
    view.end()
    return True


async def run_until_answered(
    client: ChatKitClient,
    request: JsonObject,
    view: ThreadView,
    *,
    key: str,
    limit_seconds: float = LIMIT_SECONDS,
) -> None:
    """Send the same request with the same key until its stream ends in an answer."""
    await repeat_until_done(lambda: client.run(request, view, key=key), limit_seconds)


async def repeat_until_done(
    ask: Callable[[], Awaitable[ThreadView]], limit_seconds: float = LIMIT_SECONDS
) -> None:
    """Ask again and again, as long as the answer is one after which a retry may help.

    Raises: AssertionError: not in time; names what came last. Refused: for good.
    """
    last: list[object] = []

    async def attempt() -> bool:
        try:
            view = await ask()
        except Refused as refused:
            last[:] = [refused]
            if refused.status not in RETRYABLE:
                raise
        except BROKEN as error:
            last[:] = [error]
        else:
            last[:] = [view.error]
            if view.error is None:
                return True
            assert view.error["allow_retry"], view.error
        # Retry-After counts in whole seconds; a test does not have them.
        await asyncio.sleep(0.1)
        return False

    try:
        await wait_until("a stream ends in an answer", attempt, limit_seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}; last: {last}") from error


async def run_with_cuts(
    client: ChatKitClient, request: JsonObject, view: ThreadView, *, key: str, dice: Random
) -> int:
    """Ask, and lose the connection at random; go on by key or by item until all is heard.

    Returns: how often the connection was lost.
    """
    cuts = 0

    async def ask() -> ThreadView:
        nonlocal cuts
        said = [one["id"] for one in view.items.values() if one["type"] == "user_message"]
        by_item = bool(said) and dice.random() < 0.5
        asked = retry_after_item(view.thread_id or "", said[-1]) if by_item else request
        own_key = None if by_item else key
        if dice.random() < 0.3:
            return await client.run(asked, view, key=own_key)
        has_ended = await cut_after(client, asked, view, dice.randrange(14), key=own_key)
        if not has_ended:
            cuts += 1
            raise BrokenStream("cut by the test")
        return view

    await repeat_until_done(ask)
    return cuts
