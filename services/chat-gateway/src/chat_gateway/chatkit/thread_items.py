"""What is stored of a turn → its thread items, and pages of them."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chatkit.types import Page, ThreadItem
from pydantic import TypeAdapter

from chat_gateway.chatkit import items
from chat_gateway.chatkit.tasks import tasks_of_turn
from chat_gateway.tables import Order
from chat_gateway.threads.repository import ThreadRepository
from chat_gateway.threads.rows import Entry
from chat_gateway.turns.journal import ToolCallRequest, ToolResult

_CALLS: Final = TypeAdapter(list[ToolCallRequest])
_RESULTS: Final = TypeAdapter(list[ToolResult])


class UnknownItem(LookupError):
    """The thread has no such item."""


def items_of(entry: Entry, conversation_id: UUID) -> Sequence[ThreadItem]:
    """A message, and after a person's message the workflow of its turn, if that made any call."""
    if entry.role == "assistant":
        return [items.assistant_message(entry.id, conversation_id, entry.content, entry.created_at)]
    said = items.user_message(entry.id, conversation_id, entry.content, entry.created_at)
    calls = _CALLS.validate_python(entry.calls)
    results = _RESULTS.validate_python(entry.results)
    tasks = tasks_of_turn(calls, results, running=entry.running)
    if entry.turn_id is None or not tasks:
        return [said]
    return [
        said,
        items.workflow(
            entry.turn_id, conversation_id, tasks, entry.created_at, running=entry.running
        ),
    ]


async def page_of_items(
    threads: ThreadRepository, conversation_id: UUID, order: Order, limit: int, after: UUID | None
) -> Page[ThreadItem]:
    """Items in an order, from the one after `after` on.

    Returns: at most `limit` items. `after` of the page is its last item, None with the last page.
    Raises: UnknownItem: the thread has no item `after`.
    """
    start = None
    if after is not None and (start := await threads.entry_of(conversation_id, after)) is None:
        raise UnknownItem
    # One more tells whether there are more. The first may be no more than where to begin.
    at_most = limit + 1 if start is None else limit + 2
    entries = await threads.entries(conversation_id, order, at_most, start)
    found: list[ThreadItem] = []
    for entry in entries:
        of_entry = items_of(entry, conversation_id)
        found += of_entry if order == "asc" else reversed(of_entry)
    if after is not None:
        # A turn that has made no call is none of the items, though its message was found.
        place = next((place for place, one in enumerate(found) if one.id == str(after)), None)
        if place is None:
            raise UnknownItem
        found = found[place + 1 :]
    page, has_more = found[:limit], len(found) > limit
    return Page[ThreadItem](data=page, has_more=has_more, after=page[-1].id if has_more else None)
