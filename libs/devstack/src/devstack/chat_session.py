"""One conversation on a terminal with the gateway, heard as it comes."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from uuid import uuid4

import httpx2

from devstack.chat_screen import Screen
from devstack.chatkit.client import ChatKitClient, Refused
from devstack.chatkit.event_stream import BrokenStream
from devstack.chatkit.requests import JsonObject, custom_action, retry_after_item, say
from devstack.chatkit.thread_view import ThreadView
from devstack.people import SignInFailed

BROKEN = (BrokenStream, httpx2.TransportError)
RECONNECTS = 3


class ChatFailed(Exception):
    """A message got no answer; the message says why, for the person."""


class Left(Exception):
    """The person does not wait any more. The turn goes on without them."""


class ChatSession:
    """What one person says, one conversation at a time, and what is shown of the answers.

    Args: url: where the gateway is, for messages to the person.
    """

    def __init__(self, client: ChatKitClient, screen: Screen, url: str) -> None:
        self._client = client
        self._screen = screen
        self._url = url
        self._view = ThreadView()
        self._opened = asyncio.Event()
        self._is_stopped = False

    def begin_anew(self) -> None:
        """The next message begins a conversation."""
        self._view = ThreadView()

    async def send(self, message: str) -> None:
        """Send one message and show the tool calls and the answer as they come.

        Ctrl-C stops the turn; what it had done stays. A second one leaves it to itself.

        Raises: ChatFailed: the gateway refused, or is not there. Left.
        """
        self._opened.clear()
        self._is_stopped = False
        self._screen.begin()
        hearing = asyncio.create_task(self._send(message))
        with _interrupts() as interrupted:
            stopping = asyncio.create_task(self._stop_when(interrupted, hearing))
            try:
                await hearing
            except asyncio.CancelledError:
                raise Left from None
            finally:
                stopping.cancel()
                await asyncio.wait([stopping])

    async def _send(self, message: str) -> None:
        request = say(message, self._view.thread_id)
        key: str | None = str(uuid4())
        for attempt in range(RECONNECTS + 1):
            try:
                await self._hear(request, key)
                return
            except BROKEN as error:
                item_id = self._last_said()
                if not self._opened.is_set() or item_id is None or attempt == RECONNECTS:
                    raise ChatFailed(f"{self._url} does not answer: {error!r}") from error
                self._screen.take_back()
                self._screen.note("(the connection broke; asking what became of it)")
                request, key = retry_after_item(str(self._view.thread_id), item_id), None
            except SignInFailed as error:
                raise ChatFailed(
                    f"the session has ended; start again: make chat ({error})"
                ) from error
            except Refused as refused:
                raise ChatFailed(str(refused)) from refused

    async def _hear(self, request: JsonObject, key: str | None) -> None:
        view = self._view
        async with self._client.stream(request, key=key) as stream:
            view.begin()
            async for event in stream.events:
                view.fold(event)
                self._show(event)
        view.end()
        if view.error is not None:
            self._screen.take_back()
            reason = str(view.error.get("message") or view.error["code"])
            if not self._is_stopped:
                raise ChatFailed(reason)
            self._screen.note(reason)

    def _show(self, event: JsonObject) -> None:
        item = event.get("item") or self._view.items.get(event.get("item_id", ""))
        match event["type"]:
            case "progress_update":
                self._screen.status(event["text"])
            case "client_effect" if event["name"] == "turn":
                self._opened.set()
            case "notice":
                self._screen.note(event["message"])
            case "thread.item.removed":
                self._screen.take_back()
            case "thread.item.updated" if "delta" in event["update"]:
                self._screen.say(event["update"]["delta"])
            case "thread.item.done" if item and item["type"] == "assistant_message":
                self._screen.answer(self._view.text)
            case str() if item and item["type"] == "workflow":
                self._screen.rows(self._view.items[item["id"]]["workflow"]["tasks"])

    def _last_said(self) -> str | None:
        """The id of the person's last message that is stored."""
        said = [one for one in self._view.items.values() if one["type"] == "user_message"]
        return str(said[-1]["id"]) if said else None

    async def _stop_when(
        self, interrupted: "asyncio.Queue[None]", hearing: "asyncio.Task[None]"
    ) -> None:
        await interrupted.get()
        stopping = asyncio.create_task(self._stop())
        try:
            await interrupted.get()
            hearing.cancel()
        finally:
            stopping.cancel()

    async def _stop(self) -> None:
        """Stop the turn that runs, as soon as it is known which one it is."""
        await self._opened.wait()
        turn = self._view.effect("turn")
        thread_id = self._view.thread_id
        if turn is None or thread_id is None:
            return
        self._is_stopped = True
        stop = custom_action(thread_id, "turn.stop", {"turn_id": turn["turn_id"]})
        try:
            await self._client.run(stop, ThreadView(thread_id))
        except (Refused, SignInFailed, *BROKEN) as error:
            self._screen.note(f"(not stopped: {error})")


@contextlib.contextmanager
def _interrupts() -> Iterator["asyncio.Queue[None]"]:
    """Each Ctrl-C inside the block as one entry of a queue, instead of an exception anywhere."""
    loop, presses = asyncio.get_running_loop(), asyncio.Queue[None]()
    loop.add_signal_handler(signal.SIGINT, presses.put_nowait, None)
    try:
        yield presses
    finally:
        loop.remove_signal_handler(signal.SIGINT)
