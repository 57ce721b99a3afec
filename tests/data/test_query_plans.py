"""Among very many rows of others, every query of a person goes by an index of that person's."""

from uuid import uuid4

import pytest
from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.turns.past_repository import PastTurnRepository
from chat_gateway.turns.repository import TurnRepository
from devstack.stack import Stack
from mcp_tools.tasks.service import TaskService
from servicekit.database.transactions import UserTransaction

from tests.data.crowd import INDEXES, Somebody
from tests.data.plans import assert_by_index, explain
from tests.equipment.database import DatabaseView

PAGE = 20
MOST_TASKS = 10_000

pytestmark = pytest.mark.timeout(300)  # to fill the tables takes 20 s on an idle machine


async def test_every_index_begins_with_the_user(database: DatabaseView) -> None:
    wrong = [row for row in await database.rows(INDEXES) if row["first_column"] != "user_id"]

    assert wrong == []


@pytest.mark.parametrize("status", ["all", "pending", "completed"])
async def test_list_reads_one_page_by_an_index_and_sorts_nothing(
    stack: Stack, somebody: Somebody, of_a_user: set[str], status: str
) -> None:
    async def two_pages(transaction: UserTransaction) -> None:
        tasks = TaskService.within(transaction, MOST_TASKS)
        first = await tasks.page(status, PAGE, None)  # type: ignore[arg-type] # the parameters above are its literals
        assert len(first.tasks) == PAGE
        await tasks.page(status, PAGE, first.next_cursor)  # type: ignore[arg-type] # as above

    plans = await explain(stack.env("mcp-tools")["DATABASE_URL"], somebody.user_id, two_pages)

    assert len(plans) == 2
    for plan in plans:
        counted, page = plan.scans("task")
        assert counted[0] == "Index Only Scan" or counted[0] == "Bitmap Heap Scan"
        assert page == ("Index Scan", "task_newest_first" if status == "all" else "task_by_status")
        assert not plan.sorts
    assert_by_index(plans, "task", of_a_user)


@pytest.mark.parametrize("query", ["task", "task 17", "nowhere"])
@pytest.mark.parametrize("status", ["all", "pending"])
async def test_search_reads_the_tasks_of_one_person_by_an_index(
    stack: Stack, somebody: Somebody, of_a_user: set[str], status: str, query: str
) -> None:
    async def search(transaction: UserTransaction) -> None:
        await TaskService.within(transaction, MOST_TASKS).page(status, PAGE, None, query)  # type: ignore[arg-type] # as above

    (plan,) = await explain(stack.env("mcp-tools")["DATABASE_URL"], somebody.user_id, search)

    assert len(plan.scans("task")) == 2
    assert_by_index([plan], "task", of_a_user)


async def test_add_counts_the_persons_tasks_by_an_index(
    stack: Stack, somebody: Somebody, of_a_user: set[str]
) -> None:
    async def add(transaction: UserTransaction) -> None:
        await TaskService.within(transaction, MOST_TASKS).add("one more", None)

    (plan,) = await explain(stack.env("mcp-tools")["DATABASE_URL"], somebody.user_id, add)

    assert len(plan.scans("task")) == 1
    assert_by_index([plan], "task", of_a_user)


@pytest.mark.parametrize("what", ["complete", "update", "delete"])
async def test_change_of_one_task_finds_it_by_its_key(
    stack: Stack, somebody: Somebody, of_a_user: set[str], what: str
) -> None:
    async def change(transaction: UserTransaction) -> None:
        tasks = TaskService.within(transaction, MOST_TASKS)
        if what == "complete":
            await tasks.complete(somebody.task_id)
        elif what == "update":
            await tasks.update(somebody.task_id, "another title", None, None)
        else:
            await tasks.delete(somebody.task_id)

    (plan,) = await explain(stack.env("mcp-tools")["DATABASE_URL"], somebody.user_id, change)

    assert plan.scans("task") == [("Index Scan", "task_pkey")]
    assert_by_index([plan], "task", of_a_user)


async def test_history_reads_the_end_of_the_conversation_by_indexes(
    stack: Stack, somebody: Somebody, of_a_user: set[str]
) -> None:
    async def history(transaction: UserTransaction) -> None:
        found = await PastTurnRepository(transaction).newest(somebody.conversation_id, 20)
        assert [turn.results for turn in found] == [[]] * 20
        assert found[0].response is None  # nobody has answered it
        assert [turn.response for turn in found[1:]] == [turn.message for turn in found[:-1]]

    (plan,) = await explain(stack.env("chat-gateway")["DATABASE_URL"], somebody.user_id, history)

    (said, answered) = sorted(plan.scans("message"), key=lambda scan: str(scan[1]))
    assert said[0] in {"Index Scan", "Index Scan Backward"}
    assert (said[1], answered) == ("message_in_conversation", ("Index Scan", "message_pkey"))
    assert plan.scans("turn") == [("Index Scan", "turn_of_message")]
    assert not plan.sorts


async def test_opening_a_turn_reads_by_indexes(
    stack: Stack, somebody: Somebody, of_a_user: set[str]
) -> None:
    async def open_turn(transaction: UserTransaction) -> None:
        conversations = ConversationRepository(transaction)
        assert await conversations.lock(somebody.conversation_id)
        await TurnRepository(transaction).find(somebody.conversation_id, str(uuid4()))
        assert await conversations.add_message(uuid4(), somebody.conversation_id, "user", "hello")

    plans = await explain(stack.env("chat-gateway")["DATABASE_URL"], somebody.user_id, open_turn)

    locked, found, added = plans
    assert locked.scans("conversation") and found.scans("turn") and added.scans("conversation")
    for table in ("conversation", "turn", "message"):
        assert_by_index(plans, table, of_a_user)
