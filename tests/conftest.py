"""One real stack for the whole run: Postgres, auth, mcp-tools, the simulated model, the gateway.

It is started by the first test that asks for it, so that a run without such tests never pays for
it. Tests share it and clean nothing up: each takes fresh people instead.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack

import asyncpg
import httpx2
import pytest
from devstack.deployment import Kind
from devstack.people import Person
from devstack.stack import DATABASE, Stack, StackOptions
from xdist.remote import Producer  # type: ignore[import-untyped] # ships no types

from tests.equipment.chat import User
from tests.equipment.database import DatabaseView
from tests.equipment.documents import ROOT
from tests.equipment.lanes import OneWorkerPerStack
from tests.equipment.runs import RUNS, keep_logs_only, new_directory
from tests.equipment.simulator import Simulator

NewUser = Callable[[], Awaitable[User]]
Connect = Callable[[Kind], Awaitable[asyncpg.Connection]]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneWorkerPerStack:
    """Under xdist, whatever its `--dist`: a stack on each worker would start all services twice."""
    return OneWorkerPerStack(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say at each failure of a test with the stack where the services' logs are."""
    report = yield
    if report.failed and "stack" in getattr(item, "fixturenames", ()):
        stack = getattr(item, "funcargs", {}).get("stack")
        logs = stack.log_dir if isinstance(stack, Stack) else RUNS
        report.sections.append(("logs of the services", f"{logs.relative_to(ROOT)}/"))
    return report


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The running system, from an empty database on."""
    directory = new_directory("shared")
    # One person asks for twenty turns at once here; their share has tests of its own.
    gateway = {"TURNS_IN_FLIGHT_PER_PERSON": "50"}
    stack = Stack.start(StackOptions(directory=directory, env={"chat-gateway": gateway}))
    try:
        yield stack
    finally:
        stack.stop()
        keep_logs_only(directory)


@pytest.fixture(scope="session")
async def database(stack: Stack) -> AsyncIterator[DatabaseView]:
    """A look into the database, past the policies."""
    url = stack.postgres.superuser_url.replace("/postgres?", f"/{DATABASE}?")
    async with asyncpg.create_pool(url, min_size=1, max_size=4) as pool:
        yield DatabaseView(pool)


@pytest.fixture(scope="session")
async def simulator(stack: Stack) -> AsyncIterator[Simulator]:
    """The model's admin endpoint."""
    async with httpx2.AsyncClient() as client:
        yield Simulator(stack.urls.simulator, client)


@pytest.fixture(scope="session")
def new_user(stack: Stack) -> NewUser:
    """Signs up somebody whom nobody has seen yet."""

    async def sign_up() -> User:
        person = await Person.sign_up(stack.urls.auth)
        return User(person.user_id, await person.token())

    return sign_up


@pytest.fixture(scope="session")
async def shared_user(new_user: NewUser) -> User:
    """Somebody for requests that leave nothing behind; the others take `alice`."""
    return await new_user()


@pytest.fixture
async def alice(new_user: NewUser) -> User:
    """Somebody new."""
    return await new_user()


@pytest.fixture
async def bob(new_user: NewUser) -> User:
    """Somebody else who is new."""
    return await new_user()


@pytest.fixture
async def connect(stack: Stack) -> AsyncIterator[Connect]:
    """Opens a connection with the role and password of a service."""
    async with AsyncExitStack() as opened:

        async def open_one(service: Kind) -> asyncpg.Connection:
            connection = await asyncpg.connect(stack.env(service)["DATABASE_URL"])
            opened.push_async_callback(connection.close)
            return connection

        yield open_one


@pytest.fixture
async def tools_role(connect: Connect) -> asyncpg.Connection:
    """A connection as mcp-tools has it."""
    return await connect("mcp-tools")


@pytest.fixture
async def gateway_role(connect: Connect) -> asyncpg.Connection:
    """A connection as chat-gateway has it."""
    return await connect("chat-gateway")
