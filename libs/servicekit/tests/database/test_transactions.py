"""Transactions: one user each, gone with their end; and a database that is away is a 503."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from servicekit.database.engine import create_engine
from servicekit.database.transactions import (
    BEGIN_PAUSES_SECONDS,
    Database,
    UserTransaction,
)
from servicekit.identifiers import new_id
from servicekit.problems import DatabaseUnavailable
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from ..ledger import Ledger


@pytest.fixture
def anna() -> UUID:
    return new_id()


@pytest.fixture
def bert() -> UUID:
    return new_id()


@pytest.fixture
async def database(shared_ledger: Ledger) -> AsyncIterator[Database]:
    database = Database(
        create_engine(shared_ledger.service_url, pool_size=2, application_name="tests")
    )
    yield database
    await database.dispose()


async def write(transaction: UserTransaction, user_id: UUID, note: str = "hello") -> None:
    await transaction.execute(
        text("INSERT INTO entry (user_id, id, note) VALUES (:user_id, :id, :note)"),
        {"user_id": user_id, "id": new_id(), "note": note},
    )


async def count(database: Database, user_id: UUID) -> int:
    async with database.user_transaction(user_id) as transaction:
        return int((await transaction.execute(text("SELECT count(*) FROM entry"))).scalar_one())


def end_connections(ledger: Ledger) -> None:
    """Do as an operator, or a failover, does with every connection of the database."""
    ledger.postgres.query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        f" WHERE datname = '{ledger.name}'"
    )


def break_at_checkout(engine: AsyncEngine, ledger: Ledger, *, times: int = 2) -> list[None]:
    """Cut connections after the pool has found them good; returns a member for each that was."""
    cut: list[None] = []

    @event.listens_for(engine.sync_engine, "checkout")
    def break_it(*_: object) -> None:
        if len(cut) < times:
            end_connections(ledger)
            cut.append(None)

    return cut


class TestUsers:
    async def test_nobody_sees_nothing(
        self, shared_ledger: Ledger, database: Database, anna: UUID
    ) -> None:
        async with database.user_transaction(anna) as transaction:
            await write(transaction, anna)
        engine = create_engine(shared_ledger.service_url, application_name="nobody")
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM entry")) == 0
        await engine.dispose()

    async def test_another_users_rows_are_not_seen(
        self, database: Database, anna: UUID, bert: UUID
    ) -> None:
        async with database.user_transaction(anna) as transaction:
            await write(transaction, anna)
        assert (await count(database, anna), await count(database, bert)) == (1, 0)

    async def test_row_of_another_user_is_refused(
        self, database: Database, anna: UUID, bert: UUID
    ) -> None:
        with pytest.raises(DBAPIError, match="row-level security"):
            async with database.user_transaction(anna) as transaction:
                await write(transaction, bert)

    async def test_user_is_gone_with_the_transaction(
        self, shared_ledger: Ledger, anna: UUID
    ) -> None:
        engine = create_engine(shared_ledger.service_url, pool_size=1, application_name="tests")
        database = Database(engine)
        async with database.user_transaction(anna) as transaction:
            await write(transaction, anna)
        async with engine.connect() as connection:
            setting = await connection.scalar(text("SELECT current_setting('app.user_id', true)"))
            assert setting in (None, "")
        await database.dispose()

    async def test_two_users_at_once_do_not_mix(self, database: Database) -> None:
        users = [new_id() for _ in range(40)]

        async def write_and_count(user_id: UUID) -> int:
            async with database.user_transaction(user_id) as transaction:
                await write(transaction, user_id)
            return await count(database, user_id)

        assert await asyncio.gather(*map(write_and_count, users)) == [1] * 40


class TestEnds:
    async def test_error_of_the_block_rolls_back_and_is_raised_as_it_is(
        self, database: Database, anna: UUID
    ) -> None:
        with pytest.raises(KeyError):
            async with database.user_transaction(anna) as transaction:
                await write(transaction, anna)
                raise KeyError
        assert await count(database, anna) == 0

    async def test_broken_rule_is_not_taken_for_an_outage(
        self, database: Database, anna: UUID
    ) -> None:
        with pytest.raises(IntegrityError):
            async with database.user_transaction(anna) as transaction:
                await transaction.execute(
                    text("INSERT INTO entry (user_id, id) VALUES (:user_id, :user_id)"),
                    {"user_id": anna},
                )

    async def test_exception_does_not_quote_what_was_written(
        self, database: Database, anna: UUID, bert: UUID
    ) -> None:
        with pytest.raises(DBAPIError) as caught:
            async with database.user_transaction(anna) as transaction:
                await write(transaction, bert, note="dear diary")
        assert "dear diary" not in str(caught.value)

    async def test_cancelled_block_leaves_a_pool_that_works(
        self, database: Database, anna: UUID
    ) -> None:
        for _ in range(6):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    async with database.user_transaction(anna) as transaction:
                        await transaction.execute(text("SELECT pg_sleep(10)"))
        assert await count(database, anna) == 0


class TestOutages:
    async def test_statement_over_its_timeout(self, database: Database, anna: UUID) -> None:
        with pytest.raises(DatabaseUnavailable):
            async with database.user_transaction(anna, timeout_seconds=0.05) as transaction:
                await transaction.execute(text("SELECT pg_sleep(10)"))

    async def test_timeout_ends_with_its_transaction(self, database: Database, anna: UUID) -> None:
        async with database.user_transaction(anna, timeout_seconds=0.05):
            pass
        async with database.user_transaction(anna) as transaction:
            shown = (await transaction.execute(text("SHOW statement_timeout"))).scalar_one()
        assert shown == "30s"

    async def test_pool_that_stays_empty(
        self, shared_ledger: Ledger, monkeypatch: pytest.MonkeyPatch, anna: UUID
    ) -> None:
        monkeypatch.setattr("servicekit.database.engine.POOL_TIMEOUT_SECONDS", 0.05)
        engine = create_engine(shared_ledger.service_url, pool_size=1, application_name="tests")
        database = Database(engine)
        async with database.user_transaction(anna), database.user_transaction(anna):
            with pytest.raises(DatabaseUnavailable):
                await count(database, anna)
        await database.dispose()

    async def test_connection_ended_by_an_operator_in_mid_transaction(
        self, shared_ledger: Ledger, database: Database, anna: UUID
    ) -> None:
        with pytest.raises(DatabaseUnavailable):
            async with database.user_transaction(anna) as transaction:
                pid = (await transaction.execute(text("SELECT pg_backend_pid()"))).scalar_one()
                await asyncio.to_thread(
                    shared_ledger.postgres.query, f"SELECT pg_terminate_backend({pid}, 5000)"
                )
                await write(transaction, anna)
        assert await count(database, anna) == 0

    async def test_idle_connections_ended_by_an_operator_are_replaced(
        self, shared_ledger: Ledger, database: Database, anna: UUID
    ) -> None:
        assert await count(database, anna) == 0
        await asyncio.to_thread(end_connections, shared_ledger)
        assert await count(database, anna) == 0

    async def test_connection_that_breaks_at_the_first_statement_is_replaced(
        self, shared_ledger: Ledger, anna: UUID
    ) -> None:
        engine = create_engine(shared_ledger.service_url, application_name="tests")
        database = Database(engine)
        assert await count(database, anna) == 0
        cut = break_at_checkout(engine, shared_ledger)

        assert await count(database, anna) == 0

        assert len(cut) == 2
        await database.dispose()

    async def test_connection_that_breaks_again_and_again_is_told(
        self, shared_ledger: Ledger, anna: UUID
    ) -> None:
        engine = create_engine(shared_ledger.service_url, application_name="tests")
        database = Database(engine)
        cut = break_at_checkout(engine, shared_ledger, times=100)

        with pytest.raises(DatabaseUnavailable):
            await count(database, anna)

        assert len(cut) == 1 + len(BEGIN_PAUSES_SECONDS)
        await database.dispose()

    async def test_block_that_has_begun_is_never_run_again(
        self, shared_ledger: Ledger, database: Database, anna: UUID
    ) -> None:
        runs = 0
        with pytest.raises(DatabaseUnavailable):
            async with database.user_transaction(anna) as transaction:
                runs += 1
                await asyncio.to_thread(end_connections, shared_ledger)
                await write(transaction, anna)
        assert runs == 1

    async def test_lock_that_another_holds(self, database: Database, anna: UUID) -> None:
        async with database.user_transaction(anna) as transaction:
            await write(transaction, anna)
        async with database.user_transaction(anna) as holder:
            await holder.execute(text("UPDATE entry SET note = 'mine'"))
            with pytest.raises(DatabaseUnavailable):
                async with database.user_transaction(anna) as waiter:
                    await waiter.execute(text("SET LOCAL lock_timeout = '50ms'"))
                    await waiter.execute(text("UPDATE entry SET note = 'no, mine'"))

    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://me:pw@127.0.0.1:1/db?sslmode=disable",
            "postgresql://me:pw@nowhere.invalid/db?sslmode=disable",
        ],
    )
    async def test_database_that_cannot_be_reached(self, url: str, anna: UUID) -> None:
        database = Database(create_engine(url, application_name="tests"))
        with pytest.raises(DatabaseUnavailable):
            await database.check()
        with pytest.raises(DatabaseUnavailable):
            await count(database, anna)
        await database.dispose()

    async def test_wrong_password(self, shared_ledger: Ledger) -> None:
        url = shared_ledger.postgres.url(shared_ledger.role, "wrong", shared_ledger.name)
        database = Database(create_engine(url, application_name="tests"))
        with pytest.raises(DatabaseUnavailable):
            await database.check()
        await database.dispose()

    async def test_server_that_stops_and_comes_back(
        self, shared_ledger: Ledger, database: Database, anna: UUID
    ) -> None:
        assert await count(database, anna) == 0
        await asyncio.to_thread(shared_ledger.postgres.stop)
        with pytest.raises(DatabaseUnavailable):
            await count(database, anna)
        await asyncio.to_thread(shared_ledger.postgres.launch)
        assert await count(database, anna) == 0
