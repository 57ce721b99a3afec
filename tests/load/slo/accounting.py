"""Lost and doubled work: what people were told, against what is stored.

Whatever the load, a turn that was answered is stored once with everything that its answer names,
and one that was not has done nothing twice (contract.md "Retries", law 8).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from tests.equipment.database import DatabaseView
from tests.equipment.waiting import wait_until
from tests.load.slo.load import Arrival

TURNS = """
SELECT t.id, t.user_id, t.idempotency_key, t.state,
       t.state = 'running' AND t.lease_expires_at > clock_timestamp() AS runs,
       (SELECT array_agg(c.id::text) FROM tasks.tool_call c
        WHERE c.user_id = t.user_id AND c.turn_id = t.id) AS calls,
       (SELECT array_agg(c.id::text) FROM tasks.tool_call c
        WHERE c.user_id = t.user_id AND c.turn_id = t.id
          AND c.error ->> 'code' = 'unavailable') AS tried_again
FROM chat.turn t WHERE t.user_id = ANY($1)
"""
MESSAGES = "SELECT role, count(*) FROM chat.message WHERE user_id = ANY($1) GROUP BY role"
EFFECTS = """
SELECT (SELECT count(*) FROM tasks.task WHERE user_id = ANY($1)) AS tasks,
       (SELECT count(*) FROM tasks.tool_call
        WHERE user_id = ANY($1) AND name = 'add_task' AND status = 'ok') AS added
"""


LEASE_SECONDS = 30.0
"""Longer than a lease: a turn whose failure could not be stored is free when its lease is over."""


async def faults(database: DatabaseView, arrivals: Sequence[Arrival]) -> Sequence[str]:
    """Compare every arrival of a whole run with the database.

    Args: arrivals: all that these people have sent; they have deleted nothing.
    Returns: one sentence for each piece of work that was lost, doubled or left open.
    """
    people = [UUID(one) for one in {arrival.user_id for arrival in arrivals}]
    rows = await _settled(database, people)
    found: list[str] = []

    times = Counter(row["idempotency_key"] for row in rows)
    found += [f"doubled: {turns} turns of key {key}" for key, turns in times.items() if turns > 1]
    sent = {arrival.key for arrival in arrivals}
    found += [f"invented: turn {row['id']}" for row in rows if row["idempotency_key"] not in sent]

    stored = {str(row["id"]): row for row in rows}
    for arrival in arrivals:
        if not arrival.answered:
            continue
        row = stored.get(str(arrival.turn_id))
        if row is None or row["state"] != "completed":
            found.append(f"lost: turn {arrival.turn_id} was answered and is not completed")
            continue
        told, stored_calls = set(arrival.tool_call_ids), set(row["calls"] or ())
        # An unavailable tool is asked again, and leaves a row for each time (ADR 0006).
        if not told <= stored_calls or stored_calls - told - set(row["tried_again"] or ()):
            found.append(
                f"untrue: turn {arrival.turn_id} was answered with other calls than stored"
            )
    found += [f"open: turn {row['id']} still runs" for row in rows if row["runs"]]

    messages = {row["role"]: row["count"] for row in await database.rows(MESSAGES, people)}
    completed = sum(row["state"] == "completed" for row in rows)
    if messages.get("user", 0) != len(rows) or messages.get("assistant", 0) != completed:
        found.append(f"messages: {messages} for {len(rows)} turns, {completed} of them completed")
    (effects,) = await database.rows(EFFECTS, people)
    if effects["tasks"] != effects["added"]:
        found.append(f"tasks: {effects['tasks']} of {effects['added']} that were added")
    return found


async def _settled(database: DatabaseView, people: Sequence[UUID]) -> Sequence[Mapping[str, Any]]:
    """All turns, as soon as none has a lease any more, or in the end with those that have."""
    rows: Sequence[Mapping[str, Any]] = []

    async def look() -> bool:
        nonlocal rows
        rows = await database.rows(TURNS, people)
        return not any(row["runs"] for row in rows)

    with suppress(AssertionError):
        await wait_until("no turn has a lease", look, LEASE_SECONDS, every_seconds=1)
    return rows
