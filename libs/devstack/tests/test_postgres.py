"""The embedded Postgres: what it survives, and who may use it."""

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from devstack.data_directory import PostgresInUse
from devstack.postgres import EmbeddedPostgres
from devstack.postgres_programs import PostgresFailed
from devstack.process_tree import descendants, has_ended


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres.start(tmp_path / "postgres", durable=False)
    yield server
    server.stop("immediate")


async def fetch_value(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_wrong_password_is_refused(server: EmbeddedPostgres) -> None:
    url = server.url("taskchat_owner", "wrong", "postgres")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url)


def test_second_server_on_the_same_data_is_refused(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    with pytest.raises(PostgresInUse, match="another process runs Postgres"):
        EmbeddedPostgres.start(tmp_path / "postgres", durable=False)
    assert server.alive


def test_failing_statement_says_what_postgres_said(server: EmbeddedPostgres) -> None:
    with pytest.raises(PostgresFailed, match="nowhere"):
        server.query("SELECT * FROM nowhere")


def test_data_that_postgres_refuses_is_reported_with_its_log(tmp_path: Path) -> None:
    server = EmbeddedPostgres.start(tmp_path / "postgres", durable=False)
    server.stop()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(PostgresFailed, match="incompatible"):
        server.restart()


def test_passwords_are_private_to_their_owner(server: EmbeddedPostgres, tmp_path: Path) -> None:
    assert server.alive
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


async def test_owner_has_the_powers_of_neons_owner_and_no_more(server: EmbeddedPostgres) -> None:
    url = server.create_database("taskchat")
    powers = "rolcanlogin AND rolcreaterole AND rolcreatedb AND NOT rolsuper AND NOT rolbypassrls"
    assert await fetch_value(url, f"SELECT {powers} FROM pg_roles WHERE rolname = current_user")
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert await fetch_value(url, owner) == "taskchat_owner"


@pytest.mark.parametrize("database", ["postgres", "template1"])
async def test_services_role_is_let_into_its_own_database_alone(
    server: EmbeddedPostgres, database: str
) -> None:
    """In another one it could make large objects without limit. ADR 0002."""
    server.create_database("taskchat")
    server.query("CREATE ROLE thief LOGIN PASSWORD 'known'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(server.url("thief", "known", database))


def test_database_that_is_there_is_kept(server: EmbeddedPostgres) -> None:
    server.create_database("taskchat")
    server.query("CREATE TABLE kept (a int)", database="taskchat")
    server.create_database("taskchat")
    assert server.query("SELECT count(*) FROM kept", database="taskchat") == "0"


def test_note_about_a_database_is_kept_in_it(server: EmbeddedPostgres) -> None:
    server.create_database("taskchat")
    assert server.comment("taskchat") == ""
    server.set_comment("taskchat", "made of 42")
    server.restart()
    assert server.comment("taskchat") == "made of 42"
    server.query("DROP DATABASE taskchat")
    server.create_database("taskchat")
    assert server.comment("taskchat") == ""


def test_committed_data_survive_a_kill_of_every_process(server: EmbeddedPostgres) -> None:
    server.query("CREATE TABLE kept AS SELECT 42 AS a")
    backends = descendants(server.pid)
    port = server.port
    server.kill()
    assert backends
    assert all(has_ended(backend) for backend in backends)
    server.restart()
    assert (server.port, server.query("SELECT a FROM kept")) == (port, "42")


def test_durable_server_starts_again_with_its_data_and_passwords(tmp_path: Path) -> None:
    first = EmbeddedPostgres.start(tmp_path / "postgres", durable=True)
    owner_url = first.owner_url("postgres")
    first.query("CREATE TABLE kept AS SELECT 42 AS a")
    assert first.query("SHOW fsync") == "on"
    first.stop()
    second = EmbeddedPostgres.start(tmp_path / "postgres", port=first.port, durable=True)
    assert second.query("SELECT a FROM kept") == "42"
    assert second.owner_url("postgres") == owner_url
    second.stop()


def test_pid_file_of_a_number_that_another_program_got_is_no_obstacle(tmp_path: Path) -> None:
    server = EmbeddedPostgres.start(tmp_path / "postgres", durable=False)
    server.kill()
    pid_file = tmp_path / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join(["1", *lines[1:]]))
    server.restart()
    assert server.alive
    server.stop()


def test_server_that_a_dead_supervisor_left_behind_is_ended(tmp_path: Path) -> None:
    orphan = EmbeddedPostgres.start(tmp_path / "postgres", durable=False)
    orphan.query("CREATE TABLE kept AS SELECT 42 AS a")
    orphan._data.give_back()  # what the kernel does when a supervisor is killed
    server = EmbeddedPostgres.start(tmp_path / "postgres", durable=False)
    assert not orphan.alive
    assert server.query("SELECT a FROM kept") == "42"
    server.stop()
    orphan.stop()


async def test_lost_secrets_are_made_again_and_the_data_are_kept(tmp_path: Path) -> None:
    first = EmbeddedPostgres.start(tmp_path / "postgres", durable=False)
    first.create_database("taskchat")
    first.stop()
    (tmp_path / "secrets.json").unlink()
    second = await asyncio.to_thread(EmbeddedPostgres.start, tmp_path / "postgres", durable=False)
    assert await fetch_value(second.owner_url("taskchat"), "SELECT 1") == 1
    second.stop()


def test_half_made_data_directory_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.draft" / "data").mkdir(parents=True)
    server = EmbeddedPostgres.start(tmp_path / "postgres", durable=False)
    assert server.alive
    server.stop()
