"""A migrate run: idempotent, alone, closed to injection, never with a role that is too strong."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent

import asyncpg
import pytest
from servicekit.database.migrations import (
    MigrationFailed,
    pending_changes,
    run_migrations,
)
from sqlalchemy import Column, Integer

from ..ledger import Ledger
from ..programs import Program, wait_until

SECOND_REVISION = dedent(
    """
    import sqlalchemy as sa
    from alembic import op

    revision = "0002"
    down_revision = "0001"

    def upgrade() -> None:
        op.create_table(
            "account", sa.Column("user_id", sa.Uuid, primary_key=True), schema="ledger"
        )
    """
)

FORCED_ROW_LEVEL_SECURITY = """
    op.execute("ALTER TABLE ledger.account ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE ledger.account FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY nobody ON ledger.account USING (false)")
"""


async def fetch_value(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


class TestRefusals:
    def test_owner_is_refused_as_the_role_of_a_service(self, empty_ledger: Ledger) -> None:
        settings = empty_ledger.settings(service_url=empty_ledger.owner_url)
        with pytest.raises(MigrationFailed, match="passes by row-level security"):
            run_migrations(empty_ledger.history, settings)

    def test_role_without_password_is_refused(self, empty_ledger: Ledger) -> None:
        settings = empty_ledger.settings(service_url="postgresql://someone@localhost/db")
        with pytest.raises(MigrationFailed, match="its password"):
            run_migrations(empty_ledger.history, settings)

    @pytest.mark.parametrize("attribute", ["CREATEDB", "BYPASSRLS", "SUPERUSER", "CREATEROLE"])
    def test_role_that_could_pass_by_our_borders_is_refused(
        self, empty_ledger: Ledger, attribute: str
    ) -> None:
        empty_ledger.postgres.query(f'CREATE ROLE "{empty_ledger.role}" LOGIN {attribute}')
        with pytest.raises(MigrationFailed, match="is superuser, BYPASSRLS"):
            empty_ledger.migrate()

    def test_role_that_is_a_member_of_another_is_refused(self, empty_ledger: Ledger) -> None:
        empty_ledger.migrate()
        empty_ledger.postgres.query(f'GRANT pg_read_all_data TO "{empty_ledger.role}"')
        with pytest.raises(MigrationFailed, match="member of another role"):
            empty_ledger.migrate()

    def test_table_of_users_without_row_level_security_gets_no_rights(self, ledger: Ledger) -> None:
        (ledger.revisions / "0002_account.py").write_text(SECOND_REVISION)
        with pytest.raises(MigrationFailed, match=r"without FORCE ROW LEVEL SECURITY.*account"):
            ledger.migrate()

    def test_failure_never_tells_the_password(self, empty_ledger: Ledger) -> None:
        history = dataclasses.replace(empty_ledger.history, grants={"nowhere": ("SELECT",)})
        with pytest.raises(MigrationFailed, match="nowhere") as caught:
            run_migrations(history, empty_ledger.settings())
        assert empty_ledger.password not in str(caught.value)
        assert caught.value.__cause__ is None

    def test_unreachable_database_is_one_line_and_exit_code_1(self, tmp_path: Path) -> None:
        program = Program(
            """
            from servicekit.database.migrations import MigrationHistory, migrate
            from sqlalchemy import MetaData

            history = MigrationHistory("nowhere", MetaData(schema="ledger"), {})
            migrate(history, service_name="ledger")
            """,
            tmp_path,
            DATABASE_URL="postgresql://service:hush@127.0.0.1:1/db",
            DATABASE_URL_DIRECT="postgresql://owner:hush@127.0.0.1:1/db",
        )
        assert program.ended() == 1
        assert program.errors.startswith("failed to migrate schema ledger")
        assert program.errors.count("\n") == 1
        assert "hush" not in program.errors

    async def test_sigterm_ends_it_while_it_waits_for_another(
        self, empty_ledger: Ledger, tmp_path: Path
    ) -> None:
        other = await asyncpg.connect(empty_ledger.owner_url)
        try:
            await other.execute("CREATE SCHEMA taskchat CREATE TABLE migration_lock ()")
            await other.execute("BEGIN")
            await other.execute("LOCK TABLE taskchat.migration_lock IN EXCLUSIVE MODE")
            program = Program(
                """
                from servicekit.database.migrations import MigrationHistory, migrate
                from sqlalchemy import MetaData

                history = MigrationHistory("nowhere", MetaData(schema="ledger"), {})
                migrate(history, service_name="ledger")
                """,
                tmp_path,
                DATABASE_URL=empty_ledger.service_url,
                DATABASE_URL_DIRECT=empty_ledger.owner_url,
            )
            waiting = "waiting for another migration to end"
            wait_until(waiting, lambda: any(line["message"] == waiting for line in program.log))
            program.process.terminate()
            assert program.ended() == 143
            assert program.errors.startswith("stopped by SIGTERM")
            assert program.errors.count("\n") == 1
        finally:
            await other.close()

    def test_missing_url_is_exit_code_2(self, tmp_path: Path) -> None:
        program = Program(
            """
            from servicekit.database.migrations import MigrationHistory, migrate
            from sqlalchemy import MetaData

            migrate(MigrationHistory("nowhere", MetaData(schema="x"), {}), service_name="x")
            """,
            tmp_path,
        )
        assert program.ended() == 2
        assert program.errors.startswith("DATABASE_URL is missing")


class TestRuns:
    async def test_role_can_use_what_was_granted_and_nothing_else(self, ledger: Ledger) -> None:
        assert await fetch_value(ledger.service_url, "SELECT count(*) FROM entry") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await fetch_value(ledger.service_url, "DELETE FROM entry")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await fetch_value(ledger.service_url, "SELECT * FROM ledger.alembic_version")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await fetch_value(ledger.service_url, "CREATE TABLE public.mine (id int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await fetch_value(ledger.service_url, "CREATE TEMPORARY TABLE mine (id int)")

    async def test_role_has_the_settings_that_a_pooler_would_refuse(self, ledger: Ledger) -> None:
        settings = (
            "SELECT string_agg(current_setting(name), ' ' ORDER BY name) FROM unnest(ARRAY["
            "'idle_in_transaction_session_timeout', 'lock_timeout', 'search_path',"
            " 'statement_timeout']) name"
        )
        assert await fetch_value(ledger.service_url, settings) == "15s 5s ledger 30s"

    def test_second_run_changes_nothing(self, ledger: Ledger) -> None:
        ledger.migrate()
        assert pending_changes(ledger.history, ledger.owner_url) == []

    def test_password_that_is_right_keeps_its_verifier(self, ledger: Ledger) -> None:
        verifier = f"SELECT rolpassword FROM pg_authid WHERE rolname = '{ledger.role}'"
        before = ledger.postgres.query(verifier)
        ledger.migrate()
        assert ledger.postgres.query(verifier) == before != ""

    def test_login_that_was_closed_is_open_again(self, ledger: Ledger) -> None:
        ledger.postgres.query(f'ALTER ROLE "{ledger.role}" NOLOGIN')
        ledger.migrate()
        login = f"SELECT rolcanlogin FROM pg_roles WHERE rolname = '{ledger.role}'"
        assert ledger.postgres.query(login) == "t"

    async def test_changed_password_is_taken_over(self, ledger: Ledger) -> None:
        url = ledger.postgres.url(ledger.role, "another one", ledger.name)
        async_run = ledger.settings(service_url=url)
        with ThreadPoolExecutor() as threads:
            threads.submit(run_migrations, ledger.history, async_run).result()
        assert await fetch_value(url, "SELECT 1") == 1

    def test_right_that_is_no_longer_granted_is_taken_away(self, ledger: Ledger) -> None:
        history = dataclasses.replace(ledger.history, grants={"entry": ("SELECT",)})
        run_migrations(history, ledger.settings())
        granted = ledger.postgres.query(
            f"SELECT has_table_privilege('{ledger.role}', 'ledger.entry', 'INSERT')",
            database=ledger.name,
        )
        assert granted == "f"

    def test_eight_runs_at_once_all_succeed(self, empty_ledger: Ledger) -> None:
        with ThreadPoolExecutor(max_workers=8) as threads:
            runs = [threads.submit(empty_ledger.migrate) for _ in range(8)]
            for run in runs:
                run.result()
        assert pending_changes(empty_ledger.history, empty_ledger.owner_url) == []

    def test_version_that_is_rolled_back_to_leaves_the_newer_schema_alone(
        self, ledger: Ledger
    ) -> None:
        newer = ledger.revisions / "0002_account.py"
        newer.write_text(SECOND_REVISION + FORCED_ROW_LEVEL_SECURITY)
        grants = {**ledger.history.grants, "account": ("SELECT",)}
        run_migrations(dataclasses.replace(ledger.history, grants=grants), ledger.settings())
        newer.unlink()

        ledger.migrate()

        query = ledger.postgres.query
        version = query("SELECT version_num FROM ledger.alembic_version", database=ledger.name)
        assert version == "0002"
        used_by_newer_pods = (
            f"SELECT has_table_privilege('{ledger.role}', 'ledger.account', 'SELECT')"
        )
        assert query(used_by_newer_pods, database=ledger.name) == "t"

    def test_difference_between_models_and_database_is_named(self, ledger: Ledger) -> None:
        table = ledger.history.metadata.tables["ledger.entry"]
        table.append_column(Column("amount", Integer))
        (difference,) = pending_changes(ledger.history, ledger.owner_url)
        assert "amount" in difference

    def test_each_revision_has_a_lock_timeout(self, ledger: Ledger) -> None:
        (ledger.revisions / "0002_check.py").write_text(
            SECOND_REVISION.split("    def upgrade")[0].split("def upgrade")[0]
            + "def upgrade() -> None:\n"
            "    value = op.get_bind().scalar(sa.text('SHOW lock_timeout'))\n"
            "    assert value == '5s', value\n"
        )
        ledger.migrate()
