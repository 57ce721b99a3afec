"""The requests of the ChatKit protocol, as JSON objects: `type`, `params`.

Written from the protocol alone, not from anybody's library: what a stranger's client would send.
"""

from typing import Any
from uuid import UUID

JsonObject = dict[str, Any]
Id = str | UUID


def create_thread(message: str) -> JsonObject:
    """Begin a conversation. Answered by a stream."""
    return _request("threads.create", input=_input(message))


def add_message(thread_id: Id, message: str) -> JsonObject:
    """Say something in a conversation. Answered by a stream."""
    return _request("threads.add_user_message", thread_id=str(thread_id), input=_input(message))


def say(message: str, thread_id: Id | None) -> JsonObject:
    """Say something, in a new conversation where there is none yet. Answered by a stream."""
    return create_thread(message) if thread_id is None else add_message(thread_id, message)


def retry_after_item(thread_id: Id, item_id: Id) -> JsonObject:
    """Go on with the answer to a message, follow it or hear it again. Answered by a stream."""
    return _request("threads.retry_after_item", thread_id=str(thread_id), item_id=str(item_id))


def custom_action(
    thread_id: Id | None, name: str, payload: JsonObject | None = None, item_id: Id | None = None
) -> JsonObject:
    """What a click does. Answered by a stream.

    Args: thread_id: None: it belongs to no conversation. name: `tasks.complete`, `turn.stop` …
    """
    item = {} if item_id is None else {"item_id": str(item_id)}
    action = {"type": name, "payload": payload or {}}
    thread = None if thread_id is None else str(thread_id)
    return _request("threads.custom_action", thread_id=thread, action=action, **item)


def get_thread(thread_id: Id) -> JsonObject:
    """A conversation with its newest items, oldest of them first. Answered by a thread."""
    return _request("threads.get_by_id", thread_id=str(thread_id))


def list_threads(limit: int = 20, order: str = "desc", after: Id | None = None) -> JsonObject:
    """Conversations, by when something happened in them last. Answered by a page."""
    return _request("threads.list", **_page(limit, order, after))


def list_items(
    thread_id: Id, limit: int = 20, order: str = "asc", after: Id | None = None
) -> JsonObject:
    """Items of a conversation. Answered by a page."""
    return _request("items.list", thread_id=str(thread_id), **_page(limit, order, after))


def rename_thread(thread_id: Id, title: str) -> JsonObject:
    """Give a conversation a title. Answered by a thread."""
    return _request("threads.update", thread_id=str(thread_id), title=title)


def delete_thread(thread_id: Id) -> JsonObject:
    """Forget a conversation. Answered by `{}`."""
    return _request("threads.delete", thread_id=str(thread_id))


def give_feedback(thread_id: Id, item_ids: list[str], kind: str) -> JsonObject:
    """Say what an answer was worth. Answered by `{}`. Args: kind: `positive` or `negative`."""
    return _request("items.feedback", thread_id=str(thread_id), item_ids=item_ids, kind=kind)


def _request(name: str, **params: object) -> JsonObject:
    return {"type": name, "params": params, "metadata": {}}


def _input(message: str) -> JsonObject:
    content = [{"type": "input_text", "text": message}]
    return {"content": content, "attachments": [], "inference_options": {}}


def _page(limit: int, order: str, after: Id | None) -> JsonObject:
    return {"limit": limit, "order": order} | ({} if after is None else {"after": str(after)})
