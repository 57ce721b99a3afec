"""A stack of its own for the tests that break things, with a short lease and a short deadline.

Nobody else shares it: a stopped database is stopped for everybody. The processes that a test kills
or cuts off are further instances, made for that test.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack

import asyncpg
import httpx2
import pytest
from devstack.people import Person
from devstack.proxy import OutageProxy
from devstack.stack import DATABASE, Stack, StackOptions

from tests.conftest import NewUser
from tests.equipment.chat import User
from tests.equipment.database import DatabaseView
from tests.equipment.runs import keep_logs_only, new_directory
from tests.equipment.simulator import Simulator

DEADLINE_SECONDS = 6
LEASE_SECONDS = 2

OpenLine = Callable[[int], OutageProxy]


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The running system, from an empty database on."""
    directory = new_directory("faults")
    gateway = {
        "TURN_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
        "TURN_LEASE_SECONDS": str(LEASE_SECONDS),
        "TURNS_IN_FLIGHT_PER_PERSON": "50",  # one person asks for twenty at once here
    }
    stack = Stack.start(StackOptions(directory=directory, env={"chat-gateway": gateway}))
    try:
        yield stack
    finally:
        stack.stop()
        keep_logs_only(directory)


@pytest.fixture(scope="package")
async def database(stack: Stack) -> AsyncIterator[DatabaseView]:
    """A look into the database, past the policies."""
    async with asyncpg.create_pool(_superuser_url(stack), min_size=1, max_size=4) as pool:
        yield DatabaseView(pool)


@pytest.fixture
async def locker(stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    """A connection that may lock any row, to stop a service at one statement."""
    connection = await asyncpg.connect(_superuser_url(stack))
    yield connection
    await connection.close()


@pytest.fixture(scope="package")
async def simulator(stack: Stack) -> AsyncIterator[Simulator]:
    """The model's admin endpoint."""
    async with httpx2.AsyncClient() as client:
        yield Simulator(stack.urls.simulator, client)


@pytest.fixture(scope="package")
def new_user(stack: Stack) -> NewUser:
    """Signs up somebody whom nobody has seen yet."""

    async def sign_up() -> User:
        person = await Person.sign_up(stack.urls.auth)
        return User(person.user_id, await person.token())

    return sign_up


@pytest.fixture
async def alice(new_user: NewUser) -> User:
    """Somebody new."""
    return await new_user()


@pytest.fixture(scope="module")
def open_line() -> Iterator[OpenLine]:
    """Opens a line to a port, which a test can stop, hold and cut."""
    with ExitStack() as opened:
        yield lambda port: opened.enter_context(OutageProxy(port))


def _superuser_url(stack: Stack) -> str:
    return stack.postgres.superuser_url.replace("/postgres?", f"/{DATABASE}?")
