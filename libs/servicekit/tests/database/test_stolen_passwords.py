"""What whoever has a service's password can do to the role, and what they cannot. ADR 0002."""

import asyncpg
import pytest

from ..ledger import Ledger


async def connect(ledger: Ledger) -> asyncpg.Connection:
    return await asyncpg.connect(ledger.service_url)


class TestTheMigrationsLock:
    async def test_no_advisory_lock_stops_an_upgrade(self, ledger: Ledger) -> None:
        thief = await connect(ledger)
        try:
            await thief.execute(
                "SELECT pg_advisory_lock(hashtextextended('taskchat migrations', 0))"
            )
            await ledger.migrate_in_thread(limit_seconds=60)
        finally:
            await thief.close()

    @pytest.mark.parametrize("mode", ["ACCESS SHARE", "EXCLUSIVE", "ACCESS EXCLUSIVE"])
    async def test_it_is_out_of_a_services_reach(self, ledger: Ledger, mode: str) -> None:
        thief = await connect(ledger)
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with thief.transaction():
                    await thief.execute(f"LOCK TABLE taskchat.migration_lock IN {mode} MODE")
        finally:
            await thief.close()

    async def test_it_stops_no_index_that_is_made_beside_traffic(self, ledger: Ledger) -> None:
        """One that were waited for by a session with a snapshot would."""
        holder = await asyncpg.connect(ledger.owner_url)
        builder = await asyncpg.connect(ledger.owner_url)
        try:
            await holder.execute("BEGIN")
            await holder.execute("LOCK TABLE taskchat.migration_lock IN EXCLUSIVE MODE NOWAIT")
            await builder.execute("SET statement_timeout = '20s'")
            await builder.execute("CREATE INDEX CONCURRENTLY entry_note ON ledger.entry (note)")
        finally:
            await holder.close()
            await builder.close()


class TestTheRole:
    async def test_what_it_set_for_itself_is_gone_after_the_next_migration(
        self, ledger: Ledger
    ) -> None:
        """Postgres lets every role do this, so that mending it is all there is."""
        thief = await connect(ledger)
        role, database = (f'"{name}"' for name in (ledger.role, ledger.name))
        await thief.execute(f"ALTER ROLE {role} SET work_mem = '1GB'")
        await thief.execute(f"ALTER ROLE {role} IN DATABASE {database} SET statement_timeout = 0")
        await thief.execute(f"ALTER ROLE {role} IN DATABASE {database} SET row_security = off")
        await thief.execute(f"ALTER ROLE {role} PASSWORD 'the thief''s'")
        await thief.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await connect(ledger)

        await ledger.migrate_in_thread(limit_seconds=60)

        ours = await connect(ledger)
        try:
            settings = [
                await ours.fetchval(f"SHOW {name}")
                for name in ("work_mem", "statement_timeout", "row_security")
            ]
        finally:
            await ours.close()
        assert settings == ["4MB", "30s", "on"]

    @pytest.mark.parametrize(
        "call", ["lo_creat(-1)", "lo_create(0)", "lo_from_bytea(0, 'x')", "lo_import('/etc/hosts')"]
    )
    async def test_it_makes_no_large_objects(self, ledger: Ledger, call: str) -> None:
        thief = await connect(ledger)
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await thief.execute(f"SELECT {call}")
        finally:
            await thief.close()

    def test_a_database_that_leaves_them_open_is_told_so(
        self, ledger: Ledger, caplog: pytest.LogCaptureFixture
    ) -> None:
        """As at a managed Postgres, where the functions belong to somebody else."""
        ledger.postgres.query(
            "GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC", database=ledger.name
        )
        with caplog.at_level("INFO"):
            ledger.migrate()
        assert "large objects are open: only a superuser can close them" in caplog.messages
