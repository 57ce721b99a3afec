"""At 200,000 tasks of 1,000 people, every query of a person goes by an index of that person's."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.turns.repository import TurnRepository
from devstack.stack import Stack
from mcp_tools.tasks.service import TaskService
from servicekit.database.transactions import UserTransaction

from tests.data.plans import Plan, explain
from tests.equipment.database import Eyes

PEOPLE = 1_000
TASKS = 200_000
MESSAGES = 200_000
PAGE = 20

# Bulk rows for plans: the one case in which SQL makes what the API could make.
FILL = f"""
    CREATE TEMP TABLE somebody AS
        SELECT n, gen_random_uuid() AS user_id, gen_random_uuid() AS conversation_id
        FROM generate_series(1, {PEOPLE}) AS n;
    INSERT INTO tasks.task (user_id, id, title, completed, created_at, updated_at)
        SELECT user_id, gen_random_uuid(), 'task ' || i, i % 3 = 0, moment, moment
        FROM generate_series(1, {TASKS}) AS i
        JOIN somebody ON n = 1 + i % {PEOPLE},
        LATERAL (SELECT now() - make_interval(secs => i) AS moment) AS time;
    INSERT INTO chat.conversation (user_id, id) SELECT user_id, conversation_id FROM somebody;
    INSERT INTO chat.message (user_id, id, conversation_id, role, content, created_at)
        SELECT user_id, gen_random_uuid(), conversation_id,
               CASE WHEN (i / {PEOPLE}) % 2 = 0 THEN 'user' ELSE 'assistant' END,
               'message ' || i, now() - make_interval(secs => i)
        FROM generate_series(1, {MESSAGES}) AS i JOIN somebody ON n = 1 + i % {PEOPLE};
    ANALYZE tasks.task, chat.conversation, chat.message, chat.turn;
"""
ONE_OF_THEM = """
    SELECT s.user_id, s.conversation_id, t.id
    FROM somebody s JOIN tasks.task t USING (user_id) LIMIT 1
"""
INDEXES = """
    SELECT i.relname AS index, a.attname AS first_column
    FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
    WHERE n.nspname IN ('chat', 'tasks') AND t.relname <> 'alembic_version'
"""


@dataclass(frozen=True, slots=True)
class Somebody:
    """One of the thousand."""

    user_id: UUID
    conversation_id: UUID
    task_id: UUID


@pytest.fixture(scope="module")
async def somebody(eyes: Eyes) -> Somebody:
    async with eyes.pool.acquire() as connection:
        await connection.execute(FILL)
        return Somebody(*await connection.fetchrow(ONE_OF_THEM))


@pytest.fixture(scope="module")
async def of_a_user(eyes: Eyes) -> set[str]:
    """The indexes that begin with `user_id`."""
    return {row["index"] for row in await eyes.rows(INDEXES) if row["first_column"] == "user_id"}


async def test_every_index_begins_with_the_user(eyes: Eyes) -> None:
    wrong = [row for row in await eyes.rows(INDEXES) if row["first_column"] != "user_id"]

    assert wrong == []


def assert_by_index(plans: list[Plan], table: str, indexes: set[str]) -> None:
    """Every plan reads the table by an index of the user's, and none reads all of it."""
    for plan in plans:
        for node_type, index in plan.scans(table):
            assert node_type in {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}, plan
            assert index is None or index in indexes, plan
        for node in plan.nodes:
            if node["Node Type"] == "Bitmap Index Scan":
                assert node["Index Name"] in indexes, plan


@pytest.mark.parametrize("status", ["all", "pending", "completed"])
async def test_list_reads_one_page_by_an_index_and_sorts_nothing(
    stack: Stack, somebody: Somebody, of_a_user: set[str], status: str
) -> None:
    async def two_pages(transaction: UserTransaction) -> None:
        tasks = TaskService.within(transaction, somebody.user_id)
        first = await tasks.page(status, PAGE, None)  # type: ignore[arg-type] # the parameters above are its literals
        assert len(first.tasks) == PAGE
        await tasks.page(status, PAGE, first.next_cursor)  # type: ignore[arg-type] # as above

    plans = await explain(stack.env("mcp-tools")["DATABASE_URL"], somebody.user_id, two_pages)

    assert len(plans) == 2
    for plan in plans:
        assert plan.scans("task") == [
            ("Index Scan", "task_newest_first" if status == "all" else "task_by_status")
        ]
        assert not plan.sorts
    assert_by_index(plans, "task", of_a_user)


async def test_add_reads_no_task(stack: Stack, somebody: Somebody) -> None:
    async def add(transaction: UserTransaction) -> None:
        await TaskService.within(transaction, somebody.user_id).add("one more", None)

    (plan,) = await explain(stack.env("mcp-tools")["DATABASE_URL"], somebody.user_id, add)

    assert plan.scans("task") == []


@pytest.mark.parametrize("what", ["complete", "update", "delete"])
async def test_change_of_one_task_finds_it_by_its_key(
    stack: Stack, somebody: Somebody, of_a_user: set[str], what: str
) -> None:
    async def change(transaction: UserTransaction) -> None:
        tasks = TaskService.within(transaction, somebody.user_id)
        if what == "complete":
            await tasks.complete(somebody.task_id)
        elif what == "update":
            await tasks.update(somebody.task_id, "another title", None)
        else:
            await tasks.delete(somebody.task_id)

    (plan,) = await explain(stack.env("mcp-tools")["DATABASE_URL"], somebody.user_id, change)

    assert plan.scans("task") == [("Index Scan", "task_pkey")]
    assert_by_index([plan], "task", of_a_user)


async def test_history_reads_the_end_of_the_conversation_by_one_index(
    stack: Stack, somebody: Somebody, of_a_user: set[str]
) -> None:
    async def history(transaction: UserTransaction) -> None:
        conversations = ConversationRepository(transaction, somebody.user_id)
        found = await conversations.newest_messages(somebody.conversation_id, 40)
        assert len(found) == 40

    (plan,) = await explain(stack.env("chat-gateway")["DATABASE_URL"], somebody.user_id, history)

    assert plan.scans("message") == [("Index Scan Backward", "message_in_conversation")] or (
        plan.scans("message") == [("Index Scan", "message_in_conversation")]
    )
    assert not plan.sorts


async def test_opening_a_turn_reads_by_indexes(
    stack: Stack, somebody: Somebody, of_a_user: set[str]
) -> None:
    async def open_turn(transaction: UserTransaction) -> None:
        assert await ConversationRepository(transaction, somebody.user_id).lock(
            somebody.conversation_id
        )
        turns = TurnRepository(transaction, somebody.user_id)
        await turns.find(somebody.conversation_id, str(uuid4()))

    plans = await explain(stack.env("chat-gateway")["DATABASE_URL"], somebody.user_id, open_turn)

    assert_by_index(plans, "conversation", of_a_user)
