"""The system under load: where it is, what it says of each turn, what it costs, what it stored."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from devstack.people import Person
from devstack.stack import DATABASE, Stack, StackOptions, base_url

from tests.equipment.database import DatabaseView
from tests.load.slo.model_latency import MODEL_LATENCY
from tests.load.slo.resources import Used

TURN_ENDED = "turn ended"
"""The one line that chat-gateway writes of each turn."""

SIGN_UPS_AT_ONCE = 4
"""A sign-up is 61 ms of CPU: more at once would only wait for a core."""

Summary = Mapping[str, Any]
"""That line: turn_id, outcome, duration_ms, open_ms, agent_ms, close_ms, model_ms, …"""


class System(Protocol):
    """What `make slo` needs of a system.

    database: None where the database cannot be looked into; then nothing can be said about
    lost and doubled work. place: for the report. host: the Host header of its edge, where its URL
    is an address.
    """

    @property
    def database(self) -> DatabaseView | None: ...

    @property
    def place(self) -> str: ...

    @property
    def host(self) -> str | None: ...

    async def people(self, number: int) -> Sequence[Person]:
        """Sign up so many."""
        ...

    def gateway_url(self, *, hedging: bool) -> str:
        """Base URL of chat-gateway. Raises: LookupError: there is none of this kind."""
        ...

    def pids(self, *, hedging: bool) -> Mapping[str, int]:
        """Processes that are charged for the work, by name; empty where they are elsewhere."""
        ...

    async def pods(self) -> Mapping[str, Used]:
        """What the pods of each component use now: cores of all, memory of the largest; empty
        where there are none."""
        ...

    async def summaries(self, *, hedging: bool) -> Sequence[Summary]:
        """What the gateway said of all turns until now."""
        ...

    async def connections(self) -> Mapping[str, int]:
        """Open connections to the database by role; empty where it cannot be looked into."""
        ...


@dataclass(frozen=True, slots=True)
class LocalSystem:
    """The local stack: one process of each service, and a second gateway that sends no hedges."""

    stack: Stack
    database: DatabaseView
    host: None = None
    place: str = "the local stack, one process of each service, on one machine with the load"

    async def people(self, number: int) -> Sequence[Person]:
        """See System."""
        at_once = asyncio.Semaphore(SIGN_UPS_AT_ONCE)

        async def sign_up() -> Person:
            async with at_once:
                return await Person.sign_up(
                    self.stack.urls.auth, origin=self.stack.deployment.origin
                )

        return await asyncio.gather(*(sign_up() for _ in range(number)))

    def gateway_url(self, *, hedging: bool) -> str:
        """See System."""
        return base_url(self.stack.process(_gateway(hedging)))

    def pids(self, *, hedging: bool) -> Mapping[str, int]:
        """See System."""
        process = self.stack.process
        return {
            "chat-gateway": process(_gateway(hedging)).pid,
            "mcp-tools": process("mcp-tools").pid,
            "auth": process("auth").pid,
            "Postgres": self.stack.postgres.pid,
            "gemini-simulator": process("gemini-simulator").pid,
        }

    async def pods(self) -> Mapping[str, Used]:
        """See System."""
        return {}

    async def summaries(self, *, hedging: bool) -> Sequence[Summary]:
        """See System."""
        path = self.stack.log_dir / f"{_gateway(hedging)}.log"
        return list(summaries_in(await asyncio.to_thread(path.read_text)))

    async def connections(self) -> Mapping[str, int]:
        """See System."""
        return await connections_in(self.database)


async def connections_in(database: DatabaseView) -> Mapping[str, int]:
    """Connections to the database by the role of their service."""
    rows = await database.rows(
        "SELECT usename, count(*) AS open FROM pg_stat_activity"
        " WHERE usename LIKE ANY (ARRAY['chat_gateway%', 'mcp_tools%', 'auth%']) GROUP BY usename"
    )
    return {row["usename"]: row["open"] for row in rows}


def summaries_in(log: str) -> Iterator[Summary]:
    """The lines of a log that sum a turn up."""
    for line in log.splitlines():
        if TURN_ENDED in line:
            found = json.loads(line)
            if found.get("message") == TURN_ENDED:
                yield found


def _gateway(hedging: bool) -> str:
    return "chat-gateway" if hedging else "chat-gateway-without-hedges"


@asynccontextmanager
async def local_system(directory: Path, *, without_hedges: bool) -> AsyncIterator[LocalSystem]:
    """Start the local stack with the model's latency and a Postgres that waits for its disk.

    Args: without_hedges: whether the second gateway is wanted.
    """
    options = StackOptions(
        directory=directory, env={"gemini-simulator": MODEL_LATENCY}, durable=True
    )
    stack = await asyncio.to_thread(Stack.start, options)
    try:
        if without_hedges:
            await asyncio.to_thread(
                lambda: stack.add_process(
                    "chat-gateway", _gateway(False), MODEL_HEDGE_AFTER_SECONDS="0"
                )
            )
        url = stack.postgres.superuser_url.replace("/postgres?", f"/{DATABASE}?")
        async with asyncpg.create_pool(url, min_size=1, max_size=2) as pool:
            yield LocalSystem(stack, DatabaseView(pool))
    finally:
        await asyncio.to_thread(stack.stop)
