"""Erasing, in the database: batches, kills, and what was under way when it began."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest
from mcp_tools.people.personal_data import PERSONAL_DATA, TOMBSTONES
from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database
from servicekit.people.erasing import Eraser
from servicekit.people.personal_data import bury
from servicekit.problems import Unauthenticated

from ..conftest import Databases
from ..rows import Rows

FILL = """
    WITH one AS (
        INSERT INTO tasks.task (user_id, id, title, completed)
        SELECT $1, gen_random_uuid(), 'task ' || n, false FROM generate_series(1, $2) AS n
    )
    INSERT INTO tasks.tool_call (user_id, id, name, arguments, status, output, duration_ms)
    SELECT $1, gen_random_uuid(), 'add_task', '{}', 'ok', '{}', 1 FROM generate_series(1, $2)
"""


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    engine = create_engine(databases.service_url, application_name="tests")
    database = Database(engine, tombstones=TOMBSTONES)
    yield database
    await database.dispose()


async def test_many_rows_go_in_batches(
    database: Database, superuser: asyncpg.Connection, rows: Rows
) -> None:
    person = uuid4()
    await superuser.execute(FILL, person, 2500)

    erased = await Eraser(database, PERSONAL_DATA, settle_seconds=0).erase(person)

    assert (erased.state, erased.deleted) == ("done", {"task": 2500, "tool_call": 2500})
    assert await rows.calls(person) == []


async def test_an_erasure_that_was_killed_goes_on_where_it_was(
    database: Database, superuser: asyncpg.Connection
) -> None:
    """All that a killed process leaves is the note and whole batches."""
    person = uuid4()
    await superuser.execute(FILL, person, 10)
    async with database.user_transaction(person, of_erased=True) as transaction:
        await bury(transaction, PERSONAL_DATA.tombstones)

    with pytest.raises(Unauthenticated):
        async with database.user_transaction(person):
            pass
    erased = await Eraser(database, PERSONAL_DATA, settle_seconds=0).erase(person)

    assert (erased.state, erased.deleted) == ("done", {"task": 10, "tool_call": 10})


async def test_what_was_under_way_leaves_nothing(
    database: Database, databases: Databases, rows: Rows
) -> None:
    """A call that began before the erasure and ends after its first pass."""
    person = uuid4()
    connection = await asyncpg.connect(databases.service_url)
    late = connection.transaction()
    await late.start()
    await connection.execute("SELECT set_config('app.user_id', $1, true)", str(person))

    first = await Eraser(database, PERSONAL_DATA, settle_seconds=30).erase(person)
    await connection.execute(FILL, person, 1)
    await late.commit()
    await connection.close()
    second = await Eraser(database, PERSONAL_DATA, settle_seconds=30).erase(person)

    assert (first.state, first.deleted) == ("running", {})
    assert (second.state, second.deleted) == ("running", {"task": 1, "tool_call": 1})
    third = await Eraser(database, PERSONAL_DATA, settle_seconds=0).erase(person)
    assert (third.state, third.deleted) == ("done", {})
    assert await rows.calls(person) == []


async def test_the_record_of_a_living_person_cannot_be_deleted(
    databases: Databases, superuser: asyncpg.Connection, rows: Rows
) -> None:
    person: UUID = uuid4()
    await superuser.execute(FILL, person, 1)
    connection = await asyncpg.connect(databases.service_url)
    async with connection.transaction():
        await connection.execute("SELECT set_config('app.user_id', $1, true)", str(person))
        assert await connection.execute("DELETE FROM tasks.tool_call") == "DELETE 0"
    await connection.close()

    assert len(await rows.calls(person)) == 1


async def test_every_table_of_people_is_erased(superuser: asyncpg.Connection) -> None:
    found = await superuser.fetch(
        "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
        " WHERE relnamespace = 'tasks'::regnamespace AND relkind = 'r' AND attname = 'user_id'"
    )

    known = {table.name for table in (*PERSONAL_DATA.tables, PERSONAL_DATA.tombstones)}
    assert {row["relname"] for row in found} == known
