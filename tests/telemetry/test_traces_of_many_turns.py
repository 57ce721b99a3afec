"""Many turns at once: every span has its parent, and no span is a trace of its own."""

import asyncio
import os
from collections import Counter
from contextlib import suppress
from typing import Final

import httpx2
import pytest
from devstack.people import Person

from tests.equipment.chat import ORIGIN, User
from tests.equipment.otlp import Span
from tests.equipment.waiting import wait_until
from tests.telemetry.traced import Caller, Traced

TURNS: Final = int(os.environ.get("TASKCHAT_TRACED_TURNS", "200"))
"""A second's worth of a busy day by default; 1,000 take five times as long and find the same."""
AT_ONCE: Final = 40
"""As many as two cores that do everything else too answer well within a turn's deadline."""
PEOPLE: Final = 10
EXPORT_SECONDS: Final = 30.0
LEAST: Final = Counter(
    {
        "POST /api/{user_id}/chat": 1,
        "turn": 1,
        "turn.open": 1,
        "turn.message": 1,
        "turn.agent": 1,
        "turn.close": 1,
        "invoke_agent taskchat": 1,
        "chat gemini-flash-latest": 2,
        "POST /chat/completions": 4,
        "execute_tool add_task": 1,
        "tools/call add_task": 2,
        "POST /mcp": 1,
        "transaction": 5,
        "INSERT chat.conversation": 1,
        "INSERT chat.message": 2,
        "INSERT chat.turn": 1,
        "INSERT tasks.tool_call": 1,
        "INSERT tasks.task": 1,
    }
)
"""What each of these turns leaves, whatever it had to wait for or repeat."""


async def turn(
    client: httpx2.AsyncClient, gateway: str, user: User, number: int, free: asyncio.Semaphore
) -> Caller:
    """Add a task in a conversation of its own, under a caller's span of its own."""
    caller = Caller()
    name, traceparent = caller.header
    headers = {name: traceparent, "Authorization": f"Bearer {user.token}", "Origin": ORIGIN}
    async with free:
        response = await client.post(
            f"{gateway}/api/{user.user_id}/chat",
            json={"message": f"add a task to count to {number}"},
            headers=headers,
        )
    assert response.status_code == 200, response.text
    return caller


def orphans(spans: list[Span], caller: Caller) -> list[Span]:
    """Spans whose parent is neither the caller's nor among them."""
    known = {span.span_id for span in spans} | {caller.span_id}
    return [span for span in spans if span.parent_id not in known]


def missing(spans: list[Span]) -> Counter[str]:
    """What a turn leaves and is not among these spans."""
    return LEAST - Counter(span.name for span in spans)


@pytest.mark.timeout(240)
async def test_no_span_of_many_concurrent_turns_is_an_orphan_or_a_stray_root(
    traced: Traced,
) -> None:
    people = [await Person.sign_up(traced.auth) for _ in range(PEOPLE)]
    users = [User(person.user_id, await person.token()) for person in people]
    before = {span.trace_id for span in traced.receiver.spans()}
    free = asyncio.Semaphore(AT_ONCE)

    async with httpx2.AsyncClient(
        timeout=60, limits=httpx2.Limits(max_connections=AT_ONCE)
    ) as client:
        turns = (
            turn(client, traced.gateway, users[number % PEOPLE], number, free)
            for number in range(TURNS)
        )
        callers = await asyncio.gather(*turns)

    traces: dict[str, list[Span]] = {}

    async def all_whole() -> bool:
        # Each service exports on its own, and a leaf that is still on its way makes no orphan.
        traces.update(
            (caller.trace_id, traced.receiver.trace(caller.trace_id)) for caller in callers
        )
        return not any(
            missing(traces[caller.trace_id]) or orphans(traces[caller.trace_id], caller)
            for caller in callers
        )

    with suppress(AssertionError):  # The next lines say what is not whole.
        await wait_until(f"{TURNS} whole traces", all_whole, EXPORT_SECONDS)
    for caller in callers:
        spans = traces[caller.trace_id]
        assert not missing(spans), "a full queue dropped spans"
        assert not orphans(spans, caller)
    expected = before | {caller.trace_id for caller in callers}
    strays = {
        (span.service, span.name)
        for span in traced.receiver.spans()
        # People sign up without a trace, so those requests are roots of their own.
        if span.trace_id not in expected and span.service != "auth"
    }
    assert not strays
