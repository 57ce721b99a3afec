"""Law 8 over many turns: what the answers tell and what the audit table holds are the same.

Random requests of several people at once, while the model is wrong, broken or slow at random.
"""

import asyncio
import json
import random
from typing import Any
from uuid import UUID, uuid4

import pytest
from devstack.stack import Stack

from tests.conftest import NewUser
from tests.equipment.chat import User
from tests.equipment.database import DatabaseView
from tests.equipment.retries import say_until_answered
from tests.equipment.simulator import Simulator

TURNS = 500
PEOPLE = 10
SEED = 20261121

THINGS = ("milk", "the dentist", "the tax return", "flowers", "a birthday card", "the car")
REQUESTS = (
    "add a task to get {thing}",
    "add two tasks: call about {thing} and pay for {thing}",
    "show my tasks",
    "what have I finished?",
    "mark {thing} as done",
    "delete {thing}",
    "rename {thing} to something better",
    "hello, how are you?",
)
FAULTS: tuple[dict[str, object], ...] = (
    {"kind": "wrong_id", "rate": 0.10},
    {"kind": "malformed_arguments", "rate": 0.10},
    {"kind": "unknown_tool", "rate": 0.05},
    {"kind": "status", "status": 500, "rate": 0.05},
    {"kind": "garbage", "variant": "empty_object", "rate": 0.03},
    {"kind": "cut", "rate": 0.03},
)
ROWS = """
    SELECT turn_id, ordinal, id::text, name, arguments::text, status, output::text, error::text,
           duration_ms, created_at
    FROM tasks.tool_call WHERE user_id = ANY($1::uuid[]) ORDER BY turn_id, ordinal
"""


def as_answered(row: dict[str, Any]) -> dict[str, Any]:
    """A row in the shape of `tool_calls` (contract.md "The endpoint")."""
    return {
        "id": row["id"],
        "name": row["name"],
        "arguments": json.loads(row["arguments"]),
        "status": row["status"],
        "output": None if row["output"] is None else json.loads(row["output"]),
        "error": None if row["error"] is None else json.loads(row["error"]),
        "duration_ms": row["duration_ms"],
    }


@pytest.mark.timeout(300)
async def test_tool_calls_of_the_answers_equal_the_rows(
    stack: Stack, simulator: Simulator, new_user: NewUser, database: DatabaseView
) -> None:
    marker = f"(request {uuid4()})"
    people = [await new_user() for _ in range(PEOPLE)]
    orders = [await simulator.order({**fault, "match": marker}) for fault in FAULTS]

    answered = await asyncio.gather(
        *(
            _converse(stack.urls.gateway, person, marker, random.Random(SEED + number))
            for number, person in enumerate(people)
        )
    )
    for order in orders:
        await simulator.take_back(order)

    told = {found["turn_id"]: found["tool_calls"] for answers in answered for found in answers}
    recorded: dict[str, list[dict[str, Any]]] = {turn_id: [] for turn_id in told}
    for row in await database.rows(ROWS, [person.user_id for person in people]):
        calls = recorded.setdefault(str(row["turn_id"]), [])
        assert row["ordinal"] == len(calls), "ordinals count from 0 without a gap"
        calls.append(as_answered(row))
    assert len(told) == TURNS
    assert recorded == told
    statuses = {call["status"] for calls in told.values() for call in calls}
    assert statuses == {"ok", "error"}, "the faults left no error, or nothing else"


async def _converse(
    gateway: str, person: User, marker: str, chance: random.Random
) -> list[dict[str, Any]]:
    """One person's share of the turns, in one conversation, each retried until it is answered."""
    conversation_id: str | None = None
    answers: list[dict[str, Any]] = []
    for number in range(TURNS // PEOPLE):
        request = chance.choice(REQUESTS).format(thing=chance.choice(THINGS))
        response = await say_until_answered(
            gateway,
            person,
            f"{request} {marker}",
            key=f"{person.user_id}-{number}",
            conversation_id=conversation_id,
            limit_seconds=60,
        )
        assert response.status == 200, response.body
        found = response.json()
        conversation_id = str(UUID(found["conversation_id"]))
        answers.append(found)
    return answers
