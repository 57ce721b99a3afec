"""Threads: conversations and what is in them, read and kept in order without the agent.

Items are derived each time they are read (ADR 0025), as the stream of their turn tells them.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chatkit.types import (
    ItemFeedbackParams,
    ItemsFeedbackReq,
    ItemsListParams,
    ItemsListReq,
    Page,
    Thread,
    ThreadDeleteParams,
    ThreadGetByIdParams,
    ThreadItem,
    ThreadListParams,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsUpdateReq,
    ThreadUpdateParams,
)
from servicekit.database.transactions import Database, UserTransaction

from chat_gateway.chatkit import items
from chat_gateway.chatkit.requests import ThreadsRequest, identifier, invalid, thread_of
from chat_gateway.chatkit.thread_items import UnknownItem, page_of_items
from chat_gateway.conversations.cursor import Position
from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.conversations.rows import KnownConversation
from chat_gateway.conversations.titles import given_title, title_of
from chat_gateway.errors import ConversationNotFound, TurnInProgress
from chat_gateway.threads.repository import ThreadRepository
from chat_gateway.threads.rows import NewestTurn
from chat_gateway.turns.deadline import Deadline

DEFAULT_LIMIT: Final = 20
"""Of a page, as openai-chatkit has it."""
MAX_LIMIT: Final = 100
"""Of a page, and of the items that one feedback is about."""

_UNKNOWN: Final = "must name items of the thread"

Answer = Thread | Page[Thread] | Page[ThreadItem] | None
"""None: there is nothing to say."""


@dataclass(frozen=True, slots=True)
class ThreadService:
    """The threads of all users; each request reads and changes those of one."""

    database: Database

    async def answer(self, user_id: UUID, request: ThreadsRequest, deadline: Deadline) -> Answer:
        """Do what a request asks for, in one transaction.

        Raises: ConversationNotFound (404): an id names no thread of this user, a malformed one too;
            TurnInProgress (409): of a thread that is to be deleted; InvalidRequest (422);
            DatabaseUnavailable (503); DeadlineExceeded (504).
        """
        async with self.database.user_transaction(
            user_id, timeout_seconds=deadline.remaining_seconds()
        ) as transaction:
            threads = _Threads.within(transaction)
            match request:
                case ThreadsGetByIdReq(params=params):
                    return await threads.get(params)
                case ThreadsListReq(params=params):
                    return await threads.list(params)
                case ThreadsUpdateReq(params=params):
                    return await threads.update(params)
                case ThreadsDeleteReq(params=params):
                    await threads.delete(params)
                    return None
                case ItemsListReq(params=params):
                    return await threads.list_items(params)
                case ItemsFeedbackReq(params=params):
                    await threads.give_feedback(params)
                    return None


def render(answer: Answer) -> bytes:
    """The body, spelt as openai-chatkit spells it."""
    if answer is None:
        return b"{}"
    return answer.model_dump_json(by_alias=True, exclude_none=True).encode()


@dataclass(frozen=True, slots=True)
class _Threads:
    """The threads of one user, inside one transaction of theirs."""

    conversations: ConversationRepository
    contents: ThreadRepository

    @classmethod
    def within(cls, transaction: UserTransaction) -> "_Threads":
        return cls(ConversationRepository(transaction), ThreadRepository(transaction))

    async def get(self, params: ThreadGetByIdParams) -> Thread:
        """A thread with its newest items, oldest first; `after` of them leads to older ones."""
        found = await self._find(params.thread_id)
        # Before the items: a turn that ends in between is followed once more, never missed.
        turn = await self.contents.newest_turn(found.id)
        newest = await page_of_items(self.contents, found.id, "desc", DEFAULT_LIMIT, None)
        newest.data.reverse()
        return _thread(found, newest, turn)

    async def list(self, params: ThreadListParams) -> Page[Thread]:
        """Threads by when something was last said in them; without their items."""
        limit, after = _limit(params.limit), await self._position(params.after)
        found = await self.conversations.page(params.order, limit + 1, after)
        page, has_more = found[:limit], len(found) > limit
        last = Position(page[-1].updated_at, page[-1].id) if has_more else None
        return Page[Thread](
            data=[_thread(one) for one in page],
            has_more=has_more,
            after=None if last is None else str(last),
        )

    async def update(self, params: ThreadUpdateParams) -> Thread:
        """Give a thread another title. Returns: it, without its items."""
        title = given_title(params.title, "/params/title")
        if not await self.conversations.retitle(thread_of(params.thread_id), title):
            raise ConversationNotFound()
        return _thread(await self._find(params.thread_id))

    async def delete(self, params: ThreadDeleteParams) -> None:
        """Delete a thread and all that is in it; what its calls did and their record stay."""
        conversation_id = thread_of(params.thread_id)
        if not await self.contents.hold_alone(conversation_id):
            raise ConversationNotFound()
        if not await self.contents.delete(conversation_id):
            raise TurnInProgress()

    async def list_items(self, params: ItemsListParams) -> Page[ThreadItem]:
        """Items of a thread by when they were stored."""
        limit, after = _limit(params.limit), params.after
        conversation_id = (await self._find(params.thread_id)).id
        item_id = None if after is None else identifier(after, "/params/after")
        try:
            return await page_of_items(self.contents, conversation_id, params.order, limit, item_id)
        except UnknownItem:
            raise invalid("/params/after", _UNKNOWN) from None

    async def give_feedback(self, params: ItemFeedbackParams) -> None:
        """Note what the person thinks of some items: of all of them, or of none."""
        if len(params.item_ids) > MAX_LIMIT:
            raise invalid("/params/item_ids", f"must have at most {MAX_LIMIT} ids")
        conversation_id = thread_of(params.thread_id)
        # Held, so that it is not deleted in between.
        if not await self.conversations.lock(conversation_id):
            raise ConversationNotFound()
        ids = {identifier(one, "/params/item_ids") for one in params.item_ids}
        if await self.contents.items_among(conversation_id, ids) != ids:
            raise invalid("/params/item_ids", _UNKNOWN)
        await self.contents.give_feedback(conversation_id, ids, params.kind)

    async def _find(self, thread_id: str) -> KnownConversation:
        if (found := await self.conversations.find(thread_of(thread_id))) is None:
            raise ConversationNotFound()
        return found

    async def _position(self, after: str | None) -> Position | None:
        """Where a page of threads begins: as a page before said, or after a thread as it stands."""
        if after is None:
            return None
        if position := Position.read(after):
            return position
        found = await self._find(after)
        return Position(found.updated_at, found.id)


def _limit(given: int | None) -> int:
    """Raises: InvalidRequest (422)."""
    limit = DEFAULT_LIMIT if given is None else given
    if not 1 <= limit <= MAX_LIMIT:
        raise invalid("/params/limit", f"must be 1 to {MAX_LIMIT}")
    return limit


def _thread(
    found: KnownConversation,
    shown: Page[ThreadItem] | None = None,
    turn: NewestTurn | None = None,
) -> Thread:
    title = found.title
    if title is None and found.opening is not None:
        title = title_of(found.opening)
    thread = items.thread(found.id, title, found.created_at, shown)
    if turn is not None:
        thread.metadata["turn"] = {
            "id": str(turn.id),
            "item_id": str(turn.message_id),
            "state": turn.state.value,
            "code": turn.code,
        }
    return thread
