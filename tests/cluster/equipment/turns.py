"""A client's side of a turn: sent with a key, retried as the contract allows, every try noted."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
from devstack.people import Person, SignInFailed

from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.streams import hear
from tests.equipment.retries import RETRYABLE

PAUSE_SECONDS = 0.5
"""Before a retry, where the answer did not ask for more."""
SHOWN_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request. Attributes: status: None: there was no answer. reason: the problem's code, or
    what became of the connection; empty when all was well."""

    at: datetime
    seconds: float
    status: int | None
    reason: str = ""

    def __str__(self) -> str:
        answered = self.status or "no answer"
        return f"{self.at:%H:%M:%S.%f} after {self.seconds:.2f} s: {answered} {self.reason}"


@dataclass(frozen=True, slots=True)
class SentTurn:
    """What a client knows of a turn when it has stopped trying.

    Attributes: answer: the body of the 200, byte for byte; None: there was none.
    """

    user_id: UUID
    key: str
    message: str
    conversation_id: str | None
    attempts: tuple[Attempt, ...]
    answer: bytes | None = field(repr=False)

    @property
    def is_answered(self) -> bool:
        """Whether the person got their answer."""
        return self.answer is not None

    @property
    def seconds(self) -> float:
        """From the first request to the last answer."""
        first, last = self.attempts[0], self.attempts[-1]
        return (last.at - first.at).total_seconds() + last.seconds

    def body(self) -> dict[str, Any]:
        """The answer. Raises: AssertionError: there was none; names every attempt."""
        assert self.answer is not None, str(self)
        found: dict[str, Any] = json.loads(self.answer)
        return found

    def __str__(self) -> str:
        tries = "; ".join(map(str, self.attempts))
        return f"turn {self.key} of {self.user_id} (“{self.message}”): {tries}"


async def send_turn(
    edge: Edge,
    person: Person,
    message: str,
    *,
    conversation_id: str | None = None,
    retry_for_seconds: float = 0.0,
    is_streamed: bool = False,
) -> SentTurn:
    """Send a message through the edge under a new key.

    Args: is_streamed: hear it as it comes; `answer` is then what the stream ended in.
        retry_for_seconds: how long to go on with the same key after a failure that may pass;
        0: one request.
    Returns: the turn, answered or not.
    """
    key, attempts, answer = str(uuid4()), list[Attempt](), None
    end = time.monotonic() + retry_for_seconds
    while True:
        started, at = time.monotonic(), datetime.now(UTC)
        status, reason, pause = None, "", PAUSE_SECONDS
        try:
            response = (
                await hear(edge, person, message, conversation_id, key)
                if is_streamed
                else await person.chat(edge.url, message, conversation_id, key)
            )
        except httpx2.TransportError as error:
            reason = repr(error)
        except SignInFailed as error:
            status, reason = error.status, f"no new token: {error}"
        else:
            status = response.status_code
            if status == httpx2.codes.OK:
                answer = response.content
            else:
                reason = _code(response)
                pause = max(pause, float(response.headers.get("retry-after", "0")))
        attempts.append(Attempt(at, time.monotonic() - started, status, reason))
        if not _may_pass(status) or time.monotonic() + pause > end:
            break
        await asyncio.sleep(pause)
    return SentTurn(person.user_id, key, message, conversation_id, tuple(attempts), answer)


def _may_pass(status: int | None) -> bool:
    return status is None or status in RETRYABLE | {httpx2.codes.TOO_MANY_REQUESTS}


def _code(response: httpx2.Response) -> str:
    """The problem's code, or the beginning of what is none: an answer of the edge's own."""
    try:
        return str(response.json()["code"])
    except (ValueError, KeyError, TypeError):
        return response.text[:SHOWN_CHARACTERS]
