"""One person does all that one person can, and the others are answered as fast as before.

The one has the share that is usual, and all of it: they send more turns than they may have at once,
leave the connection of some, send halves of bodies and of heads, and ask again at once after they
were refused. What is compared is the 95th percentile of the others' turns, in a quiet
round and a loud one on the same processes: it may be 20 % more, where the machine is not full of
other work. Now and then it is that much later by itself, so one pair of three has to hold. The
model takes some seconds, as real ones do: where it took nothing, CPU would be all that is compared.
"""

import asyncio
import contextlib
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from statistics import quantiles
from typing import Final
from urllib.parse import urlsplit

import pytest
from devstack.stack import Stack, base_url

from tests.conftest import NewUser
from tests.equipment.chat import ORIGIN, User, answer, say
from tests.equipment.database import DatabaseView
from tests.equipment.waiting import wait_until

ROUNDS: Final = 3
OTHERS: Final = 8
MODEL_SECONDS: Final = 4.0
"""They begin spread over it: what is asked at the same moment waits for the others of its own."""
WORSE: Final = 1.2
QUIET_SECONDS: Final = 0.2
"""What a quiet round's turn takes at most, beside the model, on a machine that has CPU to spare."""
WORSE_WITHOUT_CPU: Final = 3.0
"""Where there is none to spare the one's own share, eight turns, doubles what all of them wait for:
nothing can be said but that it stays a share."""
TURNS_PER_DAY: Final = 4
SENDERS, HALVES, FLOODERS = 40, 8, 4
PAUSE_SECONDS: Final = 1.0
"""Of who asks again when `Retry-After` says so."""
FLOOD_PAUSE_SECONDS: Final = 0.01
"""Of who does not, for each of their connections."""

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def gateway(stack: Stack) -> Iterator[str]:
    """A process with the limits that are usual."""
    steady = {
        "SIMULATOR_LATENCY": "lognormal",
        "SIMULATOR_TTFT_MEDIAN_MS": str(round(MODEL_SECONDS * 1000)),
        "SIMULATOR_TTFT_SIGMA": "0.01",
        "SIMULATOR_TOKEN_MS": "0",
    }
    model = stack.add_process("gemini-simulator", "gemini-simulator-steady", **steady)
    process = stack.add_process(
        "chat-gateway",
        "chat-gateway-with-shares",
        GEMINI_BASE_URL=f"{base_url(model)}/v1beta/openai/",
        TURN_DEADLINE_SECONDS="60",
        TURN_LEASE_SECONDS="60",
        MODEL_HEDGE_AFTER_SECONDS="0",
        TURNS_IN_FLIGHT_PER_PERSON="8",
    )
    yield base_url(process)
    process.kill()
    model.kill()


class Greedy:
    """The one. seen: what they were answered, by code."""

    def __init__(self, gateway: str, user: User) -> None:
        self.seen: Counter[str] = Counter()
        self._gateway = gateway
        self._user = user
        parts = urlsplit(gateway)
        self._address = (str(parts.hostname), parts.port or 80)
        self._head = (
            f"POST /api/{user.user_id}/chat HTTP/1.1\r\nHost: x\r\nOrigin: {ORIGIN}\r\n"
            f"Authorization: Bearer {user.token}\r\nContent-Type: application/json\r\n"
        ).encode()

    @asynccontextmanager
    async def active(self, database: DatabaseView) -> AsyncIterator[None]:
        """While this is open they do all of it; afterwards nothing of theirs runs."""
        whole = self._head + b'Content-Length: 20\r\n\r\n{"message": "hello"}'
        half = self._head + b'Content-Length: 60\r\n\r\n{"me'
        tasks = [asyncio.create_task(self._again(self._say)) for _ in range(SENDERS)]
        for sent in (half, self._head):
            tasks += [
                asyncio.create_task(self._again(partial(self._send, sent, stays=True)))
                for _ in range(HALVES)
            ]
        tasks.append(asyncio.create_task(self._again(partial(self._send, whole, stays=False))))
        tasks += [asyncio.create_task(self._flood(whole)) for _ in range(FLOODERS)]
        refused = self.seen["rate_limited"]

        async def at_their_limit() -> bool:
            return self.seen["rate_limited"] > refused

        try:
            await wait_until("they are refused", at_their_limit)
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

            async def nothing_runs() -> bool:
                return not await database.value(
                    "SELECT count(*) FROM chat.turn WHERE user_id = $1 AND state = 'running'",
                    self._user.user_id,
                )

            await wait_until("nothing of theirs runs", nothing_runs)

    async def _again(self, act: Callable[[], Awaitable[str]]) -> None:
        while True:
            with contextlib.suppress(OSError):
                self.seen[await act()] += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def _flood(self, sent: bytes) -> None:
        """Ask on, whatever is answered, as long as the connection is kept."""
        while True:
            with contextlib.suppress(OSError, EOFError):
                reader, writer = await asyncio.open_connection(*self._address)
                try:
                    while True:
                        writer.write(sent)
                        head = await reader.readuntil(b"\r\n\r\n")
                        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                        await reader.readexactly(int(length[1]) if length else 0)
                        self.seen[f"flood {head[9:12].decode()}"] += 1
                        await asyncio.sleep(FLOOD_PAUSE_SECONDS)
                finally:
                    writer.close()

    async def _say(self) -> str:
        response = await say(self._gateway, self._user, "hello")
        return "answered" if response.status == 200 else str(response.json()["code"])

    async def _send(self, sent: bytes, *, stays: bool) -> str:
        """Send something, and stay until it is answered or given up, or leave at once."""
        reader, writer = await asyncio.open_connection(*self._address)
        try:
            writer.write(sent)
            await writer.drain()
            status = (await reader.read(65_536)).partition(b"\r\n")[0] if stays else b"left"
            return status.decode() or "closed"
        finally:
            writer.close()


async def turns_of(gateway: str, others: list[User]) -> list[float]:
    """Seconds of a turn of each, all of them answered."""

    async def talk(number: int, user: User) -> float:
        await asyncio.sleep(MODEL_SECONDS * number / len(others))
        began = time.monotonic()
        answer(await say(gateway, user, "hello"))
        return time.monotonic() - began

    return await asyncio.gather(*(talk(number, user) for number, user in enumerate(others)))


async def test_others_are_answered_as_fast_as_before(
    gateway: str, new_user: NewUser, database: DatabaseView
) -> None:
    greedy = Greedy(gateway, await new_user())
    others = [await new_user() for _ in range(OTHERS)]
    await turns_of(gateway, others[:1])  # connections, keys and schemas are there
    told = list[str]()
    for _ in range(ROUNDS):
        before = p95(await turns_of(gateway, others))
        async with greedy.active(database):
            after = p95(await turns_of(gateway, others))
        told.append(f"{before:.2f} s quiet, {after:.2f} s loud")
        has_cpu = before < MODEL_SECONDS + QUIET_SECONDS
        if after <= before * (WORSE if has_cpu else WORSE_WITHOUT_CPU):
            break
    else:
        pytest.fail(f"p95 {told}; the one saw {dict(greedy.seen)}")

    print(told, dict(greedy.seen))
    assert {"answered", "rate_limited", "left", "flood 429"} <= greedy.seen.keys(), greedy.seen


async def test_day_that_is_used_up_leaves_the_others_theirs(
    stack: Stack, new_user: NewUser, database: DatabaseView
) -> None:
    process = stack.add_process(
        "chat-gateway", "chat-gateway-with-budget", TURNS_PER_DAY=str(TURNS_PER_DAY)
    )
    gateway, greedy, other = base_url(process), await new_user(), await new_user()

    said = await asyncio.gather(*(say(gateway, greedy, "hello") for _ in range(TURNS_PER_DAY * 2)))

    refused = [one.json()["code"] for one in said if one.status != 200]
    assert refused == ["budget_used_up"] * TURNS_PER_DAY
    turns = "SELECT turns FROM chat.daily_use WHERE user_id = $1"
    assert await database.value(turns, greedy.user_id) == TURNS_PER_DAY
    answer(await say(gateway, other, "hello"))
    process.kill()


def p95(seconds: list[float]) -> float:
    """Of as many as there are."""
    return quantiles(seconds, n=20, method="inclusive")[-1]
