"""A real Postgres with the service's own role, a real issuer, and the service behind a socket."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
from devstack.gateway_keys import GatewayKeys
from devstack.postgres import EmbeddedPostgres
from mcp_tools.app import create_app
from mcp_tools.migrate import HISTORY
from mcp_tools.settings import Settings
from pydantic import SecretStr
from servicekit.database.migrations import MigrationSettings, run_migrations
from servicekit.probes import Readiness
from servicekit.tokens.gateway_proof import GatewaySigner

from .caller import Caller
from .issuer import AUDIENCE, ISSUER, Issuer
from .rows import Rows
from .running import running

DATABASE = "taskchat"
ROLE = "mcp_tools"
PASSWORD = "p@ss/w%rd"
READY_LIMIT_SECONDS = 30.0


@dataclass(frozen=True)
class Databases:
    """One migrated database: the URLs of the service's role, the owner and the superuser."""

    server: EmbeddedPostgres
    service_url: str
    owner_url: str
    superuser_url: str


def migrated(server: EmbeddedPostgres) -> Databases:
    """Make the database on a server and run the service's migrations on it."""
    owner_url = server.create_database(DATABASE)
    service_url = server.url(ROLE, PASSWORD, DATABASE)
    run_migrations(
        HISTORY,
        MigrationSettings(
            database_url=SecretStr(service_url), database_url_direct=SecretStr(owner_url)
        ),
    )
    superuser_url = server.superuser_url.replace("/postgres?", f"/{DATABASE}?")
    return Databases(server, service_url, owner_url, superuser_url)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    server = EmbeddedPostgres.start(tmp_path_factory.mktemp("data") / "postgres", durable=False)
    yield migrated(server)
    server.stop("immediate")


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="session")
def jwks_url(issuer: Issuer) -> Iterator[str]:
    with running(issuer.key_server()) as url:
        yield f"{url}/jwks"


@pytest.fixture(scope="session")
def gateway_keys() -> GatewayKeys:
    return GatewayKeys.new()


@pytest.fixture(scope="session")
def settings(databases: Databases, jwks_url: str, gateway_keys: GatewayKeys) -> Settings:
    return Settings(
        database_url=SecretStr(databases.service_url),
        auth_jwks_url=jwks_url,
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        gateway_proof_public_keys=gateway_keys.public,
    )


@pytest.fixture(scope="session")
def service_url(settings: Settings) -> Iterator[str]:
    """Base URL of the service that most tests share; each test is a person of its own."""
    with running(create_app(settings, Readiness())) as url:
        wait_until_ready(url)
        yield url


def wait_until_ready(url: str) -> None:
    """Wait for `/readyz`."""
    limit = time.monotonic() + READY_LIMIT_SECONDS
    while (answer := httpx2.get(f"{url}/readyz")).status_code != 200:
        assert time.monotonic() < limit, f"not ready within 30 s: {answer.text}"
        time.sleep(0.02)


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=20) as client:
        yield client


NewCaller = Callable[..., Caller]


@pytest.fixture
def new_caller(
    http: httpx2.AsyncClient, service_url: str, issuer: Issuer, gateway_keys: GatewayKeys
) -> NewCaller:
    signer = GatewaySigner.from_pem(gateway_keys.private)

    def make(user_id: UUID | None = None, url: str = service_url, **claims: object) -> Caller:
        user_id = user_id or uuid4()
        return Caller(http, url, user_id, issuer.token(user_id, **claims), signer=signer)

    return make


@pytest.fixture
def caller(new_caller: NewCaller) -> Caller:
    """A person whom nobody knows yet."""
    return new_caller()


@pytest.fixture
def stranger(new_caller: NewCaller) -> Caller:
    """Another one."""
    return new_caller()


@pytest.fixture(scope="session")
async def superuser(databases: Databases) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(databases.superuser_url)
    yield connection
    await connection.close()


@pytest.fixture
def rows(superuser: asyncpg.Connection) -> Rows:
    return Rows(superuser)
