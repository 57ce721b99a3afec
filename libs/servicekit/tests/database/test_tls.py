"""TLS: `sslmode=require` asks who the server is, which libpq's `require` does not."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from devstack.postgres import EmbeddedPostgres
from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database
from servicekit.problems import DatabaseUnavailable

from .tls_front import TlsFront, write_certificate

StartFront = Callable[[str], Awaitable[tuple[TlsFront, Path]]]


@pytest.fixture
async def start_front(postgres: EmbeddedPostgres, tmp_path: Path) -> AsyncIterator[StartFront]:
    fronts: list[TlsFront] = []

    async def start(host: str) -> tuple[TlsFront, Path]:
        certificate = write_certificate(tmp_path, host)
        fronts.append(await TlsFront(certificate, postgres.port).start())
        return fronts[-1], certificate

    yield start
    for front in fronts:
        await front.stop()


async def reach(postgres: EmbeddedPostgres, front: TlsFront, parameters: str) -> None:
    url = postgres.superuser_url.replace(f":{postgres.port}/", f":{front.port}/")
    database = Database(
        create_engine(url.replace("sslmode=disable", parameters), application_name="tests")
    )
    try:
        await database.check()
    finally:
        await database.dispose()


async def test_certificate_of_another_host_is_refused(
    postgres: EmbeddedPostgres, start_front: StartFront
) -> None:
    front, authority = await start_front("elsewhere.example.com")
    with pytest.raises(DatabaseUnavailable):
        await reach(postgres, front, f"sslmode=require&sslrootcert={authority}")
    assert front.handed_on == 0


async def test_certificate_that_no_known_authority_signed_is_refused(
    postgres: EmbeddedPostgres, start_front: StartFront
) -> None:
    front, _ = await start_front("127.0.0.1")
    with pytest.raises(DatabaseUnavailable):
        await reach(postgres, front, "sslmode=require&channel_binding=require")
    assert front.handed_on == 0


async def test_certificate_of_the_named_authority_is_accepted(
    postgres: EmbeddedPostgres, start_front: StartFront
) -> None:
    front, authority = await start_front("127.0.0.1")
    await reach(postgres, front, f"sslmode=require&sslrootcert={authority}")
    assert front.handed_on == 1


async def test_server_without_tls_is_refused(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    authority = write_certificate(tmp_path, "127.0.0.1")
    url = postgres.superuser_url.replace("disable", f"require&sslrootcert={authority}")
    database = Database(create_engine(url, application_name="tests"))
    with pytest.raises(DatabaseUnavailable):
        await database.check()
    await database.dispose()
