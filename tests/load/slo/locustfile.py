"""What Locust runs: arrivals that do not wait for answers, each one turn of a signed-in person.

Locust's own users form a closed loop: when the system slows down, they ask less, and the slow
answers are asked for less often than they would be met. Here one user sends at the times of a
Poisson process, and each turn is timed from the moment at which it should have been sent.

The order is the JSON file that SLO_ORDER names: see `tests.load.slo.load.send`.
"""

import json
import os
import random
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID, uuid4

import gevent
from gevent.pool import Group
from locust import FastHttpUser, task

from tests.load.slo.arrivals import arrivals

LAST_ANSWER_SECONDS = 60.0
"""Longer than a turn's deadline, after which the gateway has answered everything."""
TURNS_PER_CONVERSATION = 10
THINGS = ("milk", "bread", "a lamp", "stamps", "two tickets", "paint", "rice", "a present")
MESSAGES = (
    *["add a task to buy {thing}"] * 5,
    *["show my tasks"] * 3,
    *["mark the task to buy {thing} as done"] * 2,
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody in a conversation that is free. turns: that it has had."""

    person: dict[str, str]
    conversation_id: str | None = None
    turns: int = 0

    def after(self, conversation_id: str | None) -> "Speaker":
        """The same person after one more turn; after many, or a failure, in a new conversation."""
        if conversation_id is None or self.turns + 1 >= TURNS_PER_CONVERSATION:
            return Speaker(self.person)
        return Speaker(self.person, conversation_id, self.turns + 1)


class People(FastHttpUser):
    """Everybody: one Locust user that sends all arrivals."""

    order: dict[str, Any] = json.loads(Path(os.environ["SLO_ORDER"]).read_text())
    host = order["url"]
    concurrency = 2_000
    network_timeout = LAST_ANSWER_SECONDS
    connection_timeout = LAST_ANSWER_SECONDS

    @task
    def arrive(self) -> None:
        """Send everything that is ordered, wait for the answers, end the process."""
        order = self.order
        # The same times for the same rate in each run; conversations are as they come.
        dice = random.Random(order["seed"])
        idle = deque(Speaker(person) for person in order["people"])
        under_way = Group()
        began = time.monotonic()
        with Path(order["results"]).open("w") as results:
            for at in arrivals(order["turns_per_second"], order["seconds"], dice):
                gevent.sleep(max(0.0, began + at - time.monotonic()))
                speaker = idle.popleft() if idle else Speaker(dice.choice(order["people"]))
                message = dice.choice(MESSAGES).format(thing=dice.choice(THINGS))
                under_way.spawn(self.turn, began, at, speaker, message, results, idle)
            under_way.join(timeout=LAST_ANSWER_SECONDS + 5)
        self.environment.runner.quit()

    def turn(
        self,
        began: float,
        at: float,
        speaker: Speaker,
        message: str,
        results: TextIO,
        idle: deque[Speaker],
    ) -> None:
        """One turn, from when it was due to its line in the results."""
        found = self.speak(began + at, speaker, message)
        results.write(json.dumps({"at": at, **found}) + "\n")
        idle.append(speaker.after(found["conversation_id"]))

    def speak(self, due: float, speaker: Speaker, message: str) -> dict[str, Any]:
        """Say something. Args: due: when it should have been sent, on the monotonic clock."""
        person, key, sent = speaker.person, str(uuid4()), time.monotonic()
        with self.client.post(
            f"/api/{UUID(person['user_id'])}/chat",
            json={"message": message, "conversation_id": speaker.conversation_id},
            headers={
                **self.order["headers"],
                "Authorization": f"Bearer {person['token']}",
                "Origin": person["origin"],
                "Idempotency-Key": key,
            },
            name="turn",
            catch_response=True,
        ) as response:
            seconds = time.monotonic() - due
            body = _json(response.text) if response.status_code else {}
            if response.status_code != 200:
                response.failure(f"{response.status_code} {body.get('code')}")
        return {
            "lag": sent - due,
            "seconds": seconds,
            "status": response.status_code,
            "code": body.get("code"),
            "key": key,
            "user_id": person["user_id"],
            "turn_id": body.get("turn_id"),
            "conversation_id": body.get("conversation_id"),
            "tool_call_ids": [call["id"] for call in body.get("tool_calls", [])],
        }


def _json(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
