"""What a client sees of a conversation: the events of its streams, put together.

Strict, where a page would be lenient: what the protocol does not allow is raised, so that a test
that uses this client proves the stream right.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Final

from devstack.chatkit.requests import JsonObject

_PART: Final = "assistant_message.content_part"


class ProtocolViolation(Exception):
    """The stream does what the protocol does not allow; the message names the event."""


class ThreadView:
    """A conversation as its events tell it.

    Attributes: thread_id, title: None: not told yet. items: of the thread in order, by id, as the
    wire has them. allow_cancel: whether a stop is offered. error: the `error` event that ended
    the last stream. effects: `data` of client effects in order, each with its name. removed: ids
    of items that were taken back. corrected: ids of answers whose last text is not what was shown.
    """

    def __init__(self, thread_id: str | None = None) -> None:
        self.thread_id = thread_id
        self.title: str | None = None
        self.items: dict[str, JsonObject] = {}
        self.progress: str | None = None
        self.allow_cancel: bool | None = None
        self.error: JsonObject | None = None
        self.effects: list[tuple[str, JsonObject]] = []
        self.notices: list[JsonObject] = []
        self.removed: list[str] = []
        self.corrected: list[str] = []
        self._running: set[str] = set()
        self._earlier: set[str] = set()
        self._reopened: set[str] = set()
        self._gone: set[str] = set()
        self._has_begun = False
        self._handlers: Mapping[str, Callable[[JsonObject], None]] = {
            "thread.created": self._created,
            "thread.updated": self._thread_updated,
            "thread.item.added": self._added,
            "thread.item.updated": self._updated,
            "thread.item.done": self._done,
            "thread.item.removed": self._item_removed,
            "thread.item.replaced": self._replaced,
            "stream_options": self._options,
            "progress_update": self._progress,
            "client_effect": self._effect,
            "notice": self.notices.append,
            "error": self._failed,
        }

    @property
    def text(self) -> str:
        """The last answer as far as it is known; empty when there is none."""
        answers = [one for one in self.items.values() if one["type"] == "assistant_message"]
        return text_of(answers[-1]) if answers else ""

    def effect(self, name: str) -> JsonObject | None:
        """The last client effect of this name."""
        return next((data for known, data in reversed(self.effects) if known == name), None)

    def is_running(self, item_id: str) -> bool:
        """Whether more of this item may come."""
        return item_id in self._running

    def begin(self) -> None:
        """A stream begins. It may tell again what an earlier one has told, in the same places.

        What one that broke off left unfinished is dropped: nothing else says what became of it. A
        text that was taken back with an error may turn out to be the stored one.
        """
        for item_id in self._running:
            del self.items[item_id]
        self._running.clear()
        self._reopened.clear()
        self._gone.clear()
        self._has_begun = False
        self._earlier = set(self.items)
        self.error = None

    def fold(self, event: JsonObject) -> None:
        """Take in the next event.

        Raises: ProtocolViolation: it may not come here, or is no event.
        """
        handler = self._handlers.get(event.get("type", ""))
        if handler is None:
            raise ProtocolViolation(f"unknown event {event}")
        if self.error is not None:
            raise ProtocolViolation(f"{event} after the error {self.error}")
        try:
            handler(deepcopy(event))
            self._has_begun = True
        except (KeyError, TypeError, IndexError) as error:
            raise ProtocolViolation(f"{error!r} in {event}") from error
        except _Wrong as error:
            raise ProtocolViolation(f"{error}: {event}") from None

    def end(self) -> None:
        """The stream is over.

        Raises: ProtocolViolation: something was left unfinished, and no error says why.
        """
        if self._running and self.error is None:
            raise ProtocolViolation(f"the stream ended with unfinished items: {self._running}")

    def _created(self, event: JsonObject) -> None:
        thread = event["thread"]
        known = self.thread_id
        _require(known is None or known == thread["id"], f"created while {known} is shown")
        _require(not self._has_begun, "created after something else")
        self.thread_id, self.title = thread["id"], thread.get("title")

    def _thread_updated(self, event: JsonObject) -> None:
        thread = event["thread"]
        _require(thread["id"] == self.thread_id, "another thread")
        self.title = thread.get("title")

    def _added(self, event: JsonObject) -> None:
        item = self._own(event["item"])
        known = self.items.get(item["id"])
        if item["id"] in self._earlier and known is not None:
            _require(known["type"] == item["type"], "another type than before")
            self._earlier.discard(item["id"])
        else:
            _require(known is None, "this id is taken")
        _require(item["id"] not in self._gone, "this id was removed")
        self.items[item["id"]] = item
        self._running.add(item["id"])

    def _updated(self, event: JsonObject) -> None:
        item = self._open_item(event["item_id"])
        update = event["update"]
        kind: str = update["type"]
        if kind.startswith(_PART):
            _require(item["type"] == "assistant_message", "no answer")
            _update_content(item["content"], kind, update)
        elif kind in {"workflow.task.added", "workflow.task.updated"}:
            _require(item["type"] == "workflow", "no workflow")
            _update_tasks(item["workflow"]["tasks"], kind, update)
        else:
            raise _Wrong(f"unknown update {kind}")

    def _done(self, event: JsonObject) -> None:
        item = self._own(event["item"])
        known = self.items.get(item["id"])
        _require(item["id"] not in self._gone, "this id was removed")
        if known is not None:
            _require(known["type"] == item["type"], "another type than before")
            if item["id"] not in self._running:
                grows = item["type"] == "workflow" and item["id"] in self._earlier
                may_differ = grows or item["id"] in self._reopened
                _require(may_differ or known == item, "done twice, and not the same")
            elif item["type"] == "assistant_message" and text_of(known) not in {"", text_of(item)}:
                self.corrected.append(item["id"])
        self.items[item["id"]] = item
        self._running.discard(item["id"])
        self._reopened.discard(item["id"])

    def _item_removed(self, event: JsonObject) -> None:
        item_id = event["item_id"]
        _require(item_id in self.items, "no such item")
        del self.items[item_id]
        self._running.discard(item_id)
        self.removed.append(item_id)
        self._gone.add(item_id)

    def _replaced(self, event: JsonObject) -> None:
        item = self._own(event["item"])
        _require(item["id"] in self.items, "no such item")
        self.items[item["id"]] = item
        # It may stand as it is, or go on from here.
        self._running.discard(item["id"])
        self._reopened.add(item["id"])

    def _options(self, event: JsonObject) -> None:
        self.allow_cancel = event["stream_options"]["allow_cancel"]

    def _progress(self, event: JsonObject) -> None:
        self.progress = event["text"]

    def _effect(self, event: JsonObject) -> None:
        self.effects.append((event["name"], event["data"]))

    def _failed(self, event: JsonObject) -> None:
        _require("code" in event and "allow_retry" in event, "no code, or no allow_retry")
        self.error = event

    def _own(self, item: JsonObject) -> JsonObject:
        if self.thread_id is None:
            self.thread_id = item["thread_id"]
        _require(item["thread_id"] == self.thread_id, "of another thread")
        return item

    def _open_item(self, item_id: str) -> JsonObject:
        _require(item_id not in self._gone, "this item was removed")
        _require(item_id in self.items, "this item was not added")
        _require(item_id in self._running | self._reopened, "this item is done")
        return self.items[item_id]


class _Wrong(Exception):
    """What is wrong with an event, without the event."""


def text_of(answer: JsonObject) -> str:
    """The whole text of an assistant message."""
    return "".join(part["text"] for part in answer["content"])


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise _Wrong(otherwise)


def _update_content(parts: list[JsonObject], kind: str, update: Mapping[str, Any]) -> None:
    index = update["content_index"]
    if kind == f"{_PART}.added":
        _require(index == len(parts), f"part {index} after {len(parts)}")
        parts.append(dict(update["content"]))
        return
    _require(0 <= index < len(parts), f"part {index} was not added")
    if kind == f"{_PART}.text_delta":
        _require(bool(update["delta"]), "an empty piece")
        parts[index]["text"] += update["delta"]
    elif kind == f"{_PART}.done":
        shown, stands = parts[index]["text"], update["content"]["text"]
        _require(shown == stands, f"“{shown}” was shown")
        parts[index] = dict(update["content"])
    elif kind == f"{_PART}.annotation_added":
        parts[index]["annotations"].insert(update["annotation_index"], update["annotation"])
    else:
        raise _Wrong(f"unknown update {kind}")


def _update_tasks(tasks: list[JsonObject], kind: str, update: Mapping[str, Any]) -> None:
    index = update["task_index"]
    if kind == "workflow.task.added":
        _require(index == len(tasks), f"task {index} after {len(tasks)}")
        tasks.append(update["task"])
        return
    _require(0 <= index < len(tasks), f"task {index} was not added")
    tasks[index] = update["task"]
