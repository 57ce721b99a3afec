"""Constant load: people who add tasks through the edge while a test changes the cluster."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from devstack.people import Person

from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.turns import SentTurn, send_turn
from tests.equipment.waiting import wait_until

TURNS_PER_CONVERSATION = 5
SHOWN_FAILURES = 5


@dataclass(slots=True)
class Load:
    """What was sent so far, failures too, in the order in which the turns ended."""

    turns: list[SentTurn] = field(default_factory=list)
    in_flight: int = 0

    @property
    def failures(self) -> list[SentTurn]:
        """Turns whose person got no answer."""
        return [turn for turn in self.turns if not turn.is_answered]

    @property
    def answered(self) -> int:
        """How many turns were answered."""
        return sum(turn.is_answered for turn in self.turns)

    async def wait_for_answers(self, more: int, limit_seconds: float = 60.0) -> None:
        """Wait until so many further turns were answered: proof that the load goes on."""
        wanted = self.answered + more

        async def look() -> bool:
            return self.answered >= wanted

        await wait_until(f"{more} more turns are answered ({self})", look, limit_seconds)

    def expect_no_failures(self) -> None:
        """Raises: AssertionError: a turn was not answered; shows the first of them and counts."""
        shown = "\n".join(str(turn) for turn in self.failures[:SHOWN_FAILURES])
        assert not self.failures, f"{self}\n{shown}"

    def __str__(self) -> str:
        seconds = sorted(turn.seconds for turn in self.turns)
        text = f"{len(seconds)} turns, {len(self.failures)} failed"
        if len(seconds) > 1:
            p95 = statistics.quantiles(seconds, n=20)[-1]
            text += f", p50 {statistics.median(seconds):.2f} s, p95 {p95:.2f} s"
        reasons = Counter(
            f"{attempt.status or 'no answer'} {attempt.reason}".strip()
            for turn in self.turns
            for attempt in turn.attempts
            if attempt.reason
        )
        told = ", ".join(f"{count} × {reason}" for reason, count in reasons.most_common(6))
        return f"{text}; refused attempts: {told or 'none'}"


def new_message() -> str:
    """A request for a task that no other request asks for."""
    return f"add a task to file report {uuid4().hex[:12]}"


@asynccontextmanager
async def closed_loop(
    edge: Edge, people: Sequence[Person], *, pause_seconds: float, retry_for_seconds: float = 0.0
) -> AsyncIterator[Load]:
    """While the block runs, every person sends the next message when the last one was answered.

    Every second person hears their answers as streams.

    At its end, the turns in flight are waited for.

    Args: pause_seconds: of a person between two turns; keep it above what the edge's limit for
        one user demands. retry_for_seconds: 0: what is not answered at once has failed.
    """
    load, over = Load(), asyncio.Event()

    async def talk(person: Person, begin_after_seconds: float, is_streamed: bool) -> None:
        conversation_id, sent = None, 0
        await _pass(over, begin_after_seconds)
        while not over.is_set():
            turn = await _send(
                load, edge, person, conversation_id, retry_for_seconds, is_streamed=is_streamed
            )
            sent += 1
            # A turn that failed may still hold its conversation.
            stays = turn.is_answered and sent % TURNS_PER_CONVERSATION
            conversation_id = turn.body()["conversation_id"] if stays else None
            await _pass(over, pause_seconds)

    talks = [
        asyncio.create_task(talk(person, pause_seconds * number / len(people), number % 2 == 1))
        for number, person in enumerate(people)
    ]
    try:
        yield load
    finally:
        over.set()
        await asyncio.gather(*talks)


@asynccontextmanager
async def open_loop(
    edge: Edge, people: Sequence[Person], *, turns_per_second: float, retry_for_seconds: float = 0.0
) -> AsyncIterator[Load]:
    """While the block runs, send turns at a rate, however slow the answers are.

    People take turns, and each message begins a conversation. At its end, the turns in flight are
    waited for.
    """
    load, over = Load(), asyncio.Event()

    async def send_all() -> None:
        started, sent = time.monotonic(), 0
        async with asyncio.TaskGroup() as group:
            while not over.is_set():
                person = people[sent % len(people)]
                group.create_task(_send(load, edge, person, None, retry_for_seconds))
                sent += 1
                await _pass(over, started + sent / turns_per_second - time.monotonic())

    sending = asyncio.create_task(send_all())
    try:
        yield load
    finally:
        over.set()
        await sending


async def _send(
    load: Load,
    edge: Edge,
    person: Person,
    conversation_id: str | None,
    retry_for_seconds: float,
    *,
    is_streamed: bool = False,
) -> SentTurn:
    load.in_flight += 1
    try:
        turn = await send_turn(
            edge,
            person,
            new_message(),
            conversation_id=conversation_id,
            retry_for_seconds=retry_for_seconds,
            is_streamed=is_streamed,
        )
    finally:
        load.in_flight -= 1
    load.turns.append(turn)
    return turn


async def _pass(over: asyncio.Event, seconds: float) -> None:
    """Let some time pass, or less when the load is over."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await over.wait()
    except TimeoutError:
        return
