"""A model with a slow tail, asked with and without hedges, by the same people at the same time.

The tail is that of docs/slo.md with more slow answers and less spread, so that a few seconds show
it; what is compared are the two distributions, never a time with a number.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

import httpx2
import pytest
from devstack.processes import ManagedProcess
from devstack.stack import Stack, base_url

from tests.conftest import NewUser
from tests.equipment.chat import User, answer, say
from tests.equipment.database import DatabaseView

TURNS = 120
LANES = 8
QUEUE_SECONDS = 3.0
TAIL = {
    "SIMULATOR_LATENCY": "lognormal",
    "SIMULATOR_TTFT_MEDIAN_MS": "50",
    "SIMULATOR_TTFT_SIGMA": "0.5",
    "SIMULATOR_TOKEN_MS": "0",
    "SIMULATOR_SLOW_SHARE": "0.08",
    "SIMULATOR_SLOW_MEDIAN_MS": str(QUEUE_SECONDS * 1000),
    "SIMULATOR_SLOW_SIGMA": "0.1",
}
HEDGE_AFTER_SECONDS = 0.6


@dataclass(frozen=True, slots=True)
class Gateways:
    """Two that differ in one setting."""

    patient: ManagedProcess
    hedging: ManagedProcess


@pytest.fixture(scope="module")
def gateways(stack: Stack) -> Iterator[Gateways]:
    """Both ask one model with a slow tail."""
    model = stack.add_process("gemini-simulator", "gemini-simulator-slow", **TAIL)
    shared = {
        "GEMINI_BASE_URL": f"{base_url(model)}/v1beta/openai/",
        # A starved machine that renews a lease late is not what is compared here.
        "TURN_DEADLINE_SECONDS": "120",
        "TURN_LEASE_SECONDS": "60",
    }
    yield Gateways(
        patient=stack.add_process(
            "chat-gateway", "chat-gateway-patient", MODEL_HEDGE_AFTER_SECONDS="0", **shared
        ),
        hedging=stack.add_process(
            "chat-gateway",
            "chat-gateway-hedging",
            MODEL_HEDGE_AFTER_SECONDS=str(HEDGE_AFTER_SECONDS),
            **shared,
        ),
    )
    for name in ("chat-gateway-patient", "chat-gateway-hedging", "gemini-simulator-slow"):
        stack.process(name).stop()


async def seconds_of_turns(gateway: str, people: Sequence[User]) -> list[float]:
    """Make all turns, each in a conversation of its own, and say how long each took."""
    seconds: list[float] = []

    async def lane(person: User) -> None:
        for _ in range(TURNS // LANES):
            began = time.perf_counter()
            answer(await say(gateway, person, "show my tasks"))
            seconds.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for number in range(LANES):
            group.create_task(lane(people[number % len(people)]))
    return seconds


async def hedges(process: ManagedProcess) -> dict[str, float]:
    """Hedged calls by winner, as the process's `/metrics` shows them."""
    async with httpx2.AsyncClient() as client:
        page = (await client.get(f"http://127.0.0.1:{process.env['METRICS_PORT']}/metrics")).text
    lines = [line for line in page.splitlines() if line.startswith("taskchat_model_hedges_total{")]
    return {line.split('winner="')[1].split('"')[0]: float(line.split()[-1]) for line in lines}


async def test_hedges_take_the_slow_tail_out_of_turns_for_a_tenth_more_requests(
    gateways: Gateways, new_user: NewUser, database: DatabaseView
) -> None:
    people = [await new_user() for _ in range(LANES // 2)]

    patient, hedging = await asyncio.gather(
        seconds_of_turns(base_url(gateways.patient), people),
        seconds_of_turns(base_url(gateways.hedging), people),
    )

    p95_patient, p95_hedging = (quantiles(found, n=20)[-1] for found in (patient, hedging))
    # Differences: what a busy machine adds, it adds to both.
    saved_at_best = QUEUE_SECONDS - HEDGE_AFTER_SECONDS
    assert p95_patient - p95_hedging > saved_at_best / 3, (p95_patient, p95_hedging)
    queued_patient, queued_hedging = (
        sum(one - median(found) >= QUEUE_SECONDS * 0.6 for one in found)
        for found in (patient, hedging)
    )
    assert queued_hedging < queued_patient / 2, (queued_patient, queued_hedging)

    assert await hedges(gateways.patient) == {}
    won = await hedges(gateways.hedging)
    model_calls, saved_at_first = TURNS * 2, 10
    assert won["hedge"] > sum(won.values()) / 2, won
    assert sum(won.values()) <= model_calls * 0.1 + saved_at_first, won

    stored = [await database.rows_of(person.user_id) for person in people]
    for table, rows in (("chat.turn", 1), ("chat.message", 2), ("tasks.tool_call", 1)):
        assert sum(one[table] for one in stored) == 2 * TURNS * rows, table
