"""Among a million messages of others, threads are read and deleted by indexes of their person."""

from typing import Literal
from uuid import uuid4

import pytest
from chat_gateway.conversations.cursor import Position
from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.threads.repository import ThreadRepository
from devstack.stack import Stack
from servicekit.database.transactions import UserTransaction

from tests.data.crowd import Somebody
from tests.data.plans import Plan, Work, assert_by_index, explain

PAGE = 20

pytestmark = pytest.mark.timeout(300)  # to fill the tables takes 20 s on an idle machine
TABLES = ("conversation", "message", "turn", "feedback")

Order = Literal["asc", "desc"]


async def plans_of(stack: Stack, somebody: Somebody, of_a_user: set[str], work: Work) -> list[Plan]:
    """Explain work; whatever it reads, it reads by indexes of the person's."""
    plans = await explain(stack.env("chat-gateway")["DATABASE_URL"], somebody.user_id, work)
    for table in TABLES:
        assert_by_index(plans, table, of_a_user)
    return plans


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_list_reads_one_page_and_sorts_nothing(
    stack: Stack, somebody: Somebody, of_a_user: set[str], order: Order
) -> None:
    async def two_pages(transaction: UserTransaction) -> None:
        conversations = ConversationRepository(transaction)
        first = await conversations.page(order, PAGE, None)
        assert len(first) == PAGE
        await conversations.page(order, PAGE, Position(first[-1].updated_at, first[-1].id))

    plans = await plans_of(stack, somebody, of_a_user, two_pages)

    assert len(plans) == 2
    for plan in plans:
        (scan,) = plan.scans("conversation")
        assert scan[1] == "conversation_by_change"
        # The first message of those without a title, one row each.
        assert [index for _, index in plan.scans("message")] == ["message_in_conversation"]
        assert not plan.sorts


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_items_read_one_page_and_sort_nothing(
    stack: Stack, somebody: Somebody, of_a_user: set[str], order: Order
) -> None:
    async def two_pages(transaction: UserTransaction) -> None:
        threads = ThreadRepository(transaction)
        first = await threads.entries(somebody.conversation_id, order, PAGE, None)
        assert len(first) == PAGE
        start = (first[-1].created_at, first[-1].id)
        second = await threads.entries(somebody.conversation_id, order, PAGE, start)
        assert second[0] == first[-1]

    plans = await plans_of(stack, somebody, of_a_user, two_pages)

    assert len(plans) == 2
    for plan in plans:
        assert [index for _, index in plan.scans("message")] == ["message_in_conversation"]
        assert plan.scans("turn") == [("Index Scan", "turn_of_message")]
        assert not plan.sorts


async def test_one_thread_and_one_item_are_found_by_their_keys(
    stack: Stack, somebody: Somebody, of_a_user: set[str]
) -> None:
    async def find(transaction: UserTransaction) -> None:
        threads = ThreadRepository(transaction)
        assert await ConversationRepository(transaction).find(somebody.conversation_id)
        turn = await threads.newest_turn(somebody.conversation_id)
        assert turn is not None
        for item in (turn.id, turn.message_id):
            found = await threads.entry_of(somebody.conversation_id, item)
            assert found is not None
            assert found[1] == turn.message_id
        assert await threads.entry_of(somebody.conversation_id, uuid4()) is None

    plans = await plans_of(stack, somebody, of_a_user, find)

    assert plans[0].scans("conversation") == [("Index Scan", "conversation_pkey")]
    for plan in plans[2:]:
        assert plan.scans("message") == [("Index Scan", "message_pkey")] * 2
        assert plan.scans("turn") == [("Index Scan", "turn_pkey")]
    assert not any(plan.sorts for plan in plans)


async def test_feedback_finds_its_items_by_their_keys(
    stack: Stack, somebody: Somebody, of_a_user: set[str]
) -> None:
    async def judge(transaction: UserTransaction) -> None:
        threads = ThreadRepository(transaction)
        newest = await threads.entries(somebody.conversation_id, "desc", 20, None)
        ids = {one.id for one in newest}
        assert await threads.items_among(somebody.conversation_id, ids) == ids
        await threads.give_feedback(somebody.conversation_id, ids, "negative")

    plans = await plans_of(stack, somebody, of_a_user, judge)

    assert {index for _, index in plans[1].scans("turn")} <= {"turn_pkey", None}


async def test_whole_thread_is_deleted_by_indexes(
    stack: Stack, somebody: Somebody, of_a_user: set[str]
) -> None:
    async def rename_and_delete(transaction: UserTransaction) -> None:
        conversations, threads = (
            ConversationRepository(transaction),
            ThreadRepository(transaction),
        )
        assert await conversations.retitle(somebody.conversation_id, "Mine")
        assert await threads.hold_alone(somebody.conversation_id)
        assert await threads.delete(somebody.conversation_id)

    plans = await plans_of(stack, somebody, of_a_user, rename_and_delete)

    assert [next(t for t in TABLES if plan.scans(t)) for plan in plans] == [
        "conversation",
        "conversation",
        "turn",
        "turn",
        "feedback",
        "message",
        "conversation",
    ]
