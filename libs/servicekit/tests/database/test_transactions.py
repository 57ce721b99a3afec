"""Transactions: one user each, gone with their end; and a database that is away is a 503."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database, UserTransaction
from servicekit.identifiers import new_id
from servicekit.problems import DatabaseUnavailable
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from ..ledger import Ledger

ANNA, BERT = new_id(), new_id()


@pytest.fixture
async def database(ledger: Ledger) -> AsyncIterator[Database]:
    database = Database(create_engine(ledger.service_url, pool_size=2, application_name="tests"))
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


class TestUsers:
    async def test_nobody_sees_nothing(self, ledger: Ledger, database: Database) -> None:
        async with database.user_transaction(ANNA) as transaction:
            await write(transaction, ANNA)
        engine = create_engine(ledger.service_url, application_name="nobody")
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM entry")) == 0
        await engine.dispose()

    async def test_another_users_rows_are_not_seen(self, database: Database) -> None:
        async with database.user_transaction(ANNA) as transaction:
            await write(transaction, ANNA)
        assert (await count(database, ANNA), await count(database, BERT)) == (1, 0)

    async def test_row_of_another_user_is_refused(self, database: Database) -> None:
        with pytest.raises(DBAPIError, match="row-level security"):
            async with database.user_transaction(ANNA) as transaction:
                await write(transaction, BERT)

    async def test_user_is_gone_with_the_transaction(self, ledger: Ledger) -> None:
        engine = create_engine(ledger.service_url, pool_size=1, application_name="tests")
        database = Database(engine)
        async with database.user_transaction(ANNA) as transaction:
            await write(transaction, ANNA)
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
        self, database: Database
    ) -> None:
        with pytest.raises(KeyError):
            async with database.user_transaction(ANNA) as transaction:
                await write(transaction, ANNA)
                raise KeyError
        assert await count(database, ANNA) == 0

    async def test_broken_rule_is_not_taken_for_an_outage(self, database: Database) -> None:
        with pytest.raises(IntegrityError):
            async with database.user_transaction(ANNA) as transaction:
                await transaction.execute(
                    text("INSERT INTO entry (user_id, id) VALUES (:user_id, :user_id)"),
                    {"user_id": ANNA},
                )

    async def test_exception_does_not_quote_what_was_written(self, database: Database) -> None:
        with pytest.raises(DBAPIError) as caught:
            async with database.user_transaction(ANNA) as transaction:
                await write(transaction, BERT, note="dear diary")
        assert "dear diary" not in str(caught.value)

    async def test_cancelled_block_leaves_a_pool_that_works(self, database: Database) -> None:
        for _ in range(6):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    async with database.user_transaction(ANNA) as transaction:
                        await transaction.execute(text("SELECT pg_sleep(10)"))
        assert await count(database, ANNA) == 0


class TestOutages:
    async def test_statement_over_its_timeout(self, database: Database) -> None:
        with pytest.raises(DatabaseUnavailable):
            async with database.user_transaction(ANNA, timeout_seconds=0.05) as transaction:
                await transaction.execute(text("SELECT pg_sleep(10)"))

    async def test_timeout_ends_with_its_transaction(self, database: Database) -> None:
        async with database.user_transaction(ANNA, timeout_seconds=0.05):
            pass
        async with database.user_transaction(ANNA) as transaction:
            shown = (await transaction.execute(text("SHOW statement_timeout"))).scalar_one()
        assert shown == "30s"

    async def test_pool_that_stays_empty(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("servicekit.database.engine.POOL_TIMEOUT_SECONDS", 0.05)
        engine = create_engine(ledger.service_url, pool_size=1, application_name="tests")
        database = Database(engine)
        async with database.user_transaction(ANNA), database.user_transaction(ANNA):
            with pytest.raises(DatabaseUnavailable):
                await count(database, ANNA)
        await database.dispose()

    async def test_connection_ended_by_an_operator_in_mid_transaction(
        self, ledger: Ledger, database: Database
    ) -> None:
        with pytest.raises(DatabaseUnavailable):
            async with database.user_transaction(ANNA) as transaction:
                pid = (await transaction.execute(text("SELECT pg_backend_pid()"))).scalar_one()
                await asyncio.to_thread(
                    ledger.postgres.query, f"SELECT pg_terminate_backend({pid}, 5000)"
                )
                await write(transaction, ANNA)
        assert await count(database, ANNA) == 0

    async def test_idle_connections_ended_by_an_operator_are_replaced(
        self, ledger: Ledger, database: Database
    ) -> None:
        assert await count(database, ANNA) == 0
        await asyncio.to_thread(
            ledger.postgres.query,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            f" WHERE datname = '{ledger.name}'",
        )
        assert await count(database, ANNA) == 0

    async def test_lock_that_another_holds(self, database: Database) -> None:
        async with database.user_transaction(ANNA) as transaction:
            await write(transaction, ANNA)
        async with database.user_transaction(ANNA) as holder:
            await holder.execute(text("UPDATE entry SET note = 'mine'"))
            with pytest.raises(DatabaseUnavailable):
                async with database.user_transaction(ANNA) as waiter:
                    await waiter.execute(text("SET LOCAL lock_timeout = '50ms'"))
                    await waiter.execute(text("UPDATE entry SET note = 'no, mine'"))

    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://me:pw@127.0.0.1:1/db?sslmode=disable",
            "postgresql://me:pw@nowhere.invalid/db?sslmode=disable",
        ],
    )
    async def test_database_that_cannot_be_reached(self, url: str) -> None:
        database = Database(create_engine(url, application_name="tests"))
        with pytest.raises(DatabaseUnavailable):
            await database.check()
        with pytest.raises(DatabaseUnavailable):
            await count(database, ANNA)
        await database.dispose()

    async def test_wrong_password(self, ledger: Ledger) -> None:
        url = ledger.postgres.url(ledger.role, "wrong", ledger.name)
        database = Database(create_engine(url, application_name="tests"))
        with pytest.raises(DatabaseUnavailable):
            await database.check()
        await database.dispose()

    async def test_server_that_stops_and_comes_back(
        self, ledger: Ledger, database: Database
    ) -> None:
        assert await count(database, ANNA) == 0
        await asyncio.to_thread(ledger.postgres.stop)
        with pytest.raises(DatabaseUnavailable):
            await count(database, ANNA)
        await asyncio.to_thread(ledger.postgres.launch)
        assert await count(database, ANNA) == 0
