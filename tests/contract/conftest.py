"""Gateways to which something has happened, beside the healthy one."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from devstack.ports import free_port
from devstack.proxy import OutageProxy
from devstack.stack import Stack, base_url

from tests.conftest import NewUser
from tests.contract.scenes import Scene
from tests.equipment.chat import User
from tests.equipment.database import DatabaseView
from tests.equipment.raw_http import send
from tests.equipment.simulator import Simulator
from tests.equipment.waiting import wait_until

SHORT_DEADLINE_SECONDS = "2"


@dataclass(frozen=True, slots=True)
class Distressed:
    """Base URLs as Scene has them."""

    narrow: str
    severed: str
    database_line: OutageProxy
    keyless: str
    limited_auth: str


@pytest.fixture(scope="session")
def distressed(stack: Stack) -> Iterator[Distressed]:
    """Started once for all failures; each is a process of its own."""
    nowhere = f"http://localhost:{free_port()}"
    with OutageProxy(stack.postgres.port) as database_line:
        keyless = stack.make_process(
            "chat-gateway", "gateway-without-keys", AUTH_JWKS_URL=f"{nowhere}/api/auth/jwks"
        )
        keyless.start()
        narrow = stack.add_process(
            "chat-gateway",
            "gateway-with-one-turn",
            MAX_TURNS_IN_FLIGHT="1",
            TURNS_PER_DAY="1",
            TURN_DEADLINE_SECONDS=SHORT_DEADLINE_SECONDS,
        )
        url = stack.env("chat-gateway")["DATABASE_URL"]
        severed = stack.add_process(
            "chat-gateway",
            "gateway-without-tools",
            MCP_URL=f"{nowhere}/mcp",
            DATABASE_URL=url.replace(f":{stack.postgres.port}/", f":{database_line.port}/"),
        )
        limited_auth = stack.add_process("auth", "auth-with-limits", RATE_LIMIT_ENABLED="true")
        yield Distressed(
            narrow=base_url(narrow),
            severed=base_url(severed),
            database_line=database_line,
            keyless=base_url(keyless),
            limited_auth=base_url(limited_auth),
        )
        for process in (keyless, narrow, severed, limited_auth):
            process.kill()


@pytest.fixture
async def scene(
    stack: Stack,
    distressed: Distressed,
    new_user: NewUser,
    alice: User,
    simulator: Simulator,
    database: DatabaseView,
) -> Scene:
    """The whole scene, when the gateway without keys answers too."""

    async def alive() -> bool:
        try:
            return (await send(f"{distressed.keyless}/healthz", "GET")).status == 200
        except OSError:
            return False

    await wait_until("the gateway without keys answers", alive)
    return Scene(
        stack=stack,
        user=alice,
        new_user=new_user,
        simulator=simulator,
        database=database,
        gateway=stack.urls.gateway,
        narrow=distressed.narrow,
        severed=distressed.severed,
        database_line=distressed.database_line,
        keyless=distressed.keyless,
        limited_auth=distressed.limited_auth,
    )
