"""A client that does what the contract tells clients to do: retry with the same key."""

import asyncio

from tests.equipment.chat import User, say
from tests.equipment.raw_http import RawResponse
from tests.equipment.waiting import LIMIT_SECONDS, wait_until

RETRYABLE = {409, 502, 503, 504}
"""Statuses after which contract.md "Retries" lets the same key go on."""


async def say_until_answered(
    gateway: str,
    user: User,
    message: str,
    *,
    key: str,
    conversation_id: str | None = None,
    limit_seconds: float = LIMIT_SECONDS,
) -> RawResponse:
    """Send the same message with the same key until it is answered.

    Returns: the first answer whose status says that a retry is of no use; a 200, usually.
    Raises: AssertionError: it was not answered in time; names the last answer.
    """
    last: list[RawResponse] = []

    async def attempt() -> RawResponse | None:
        try:
            response = await say(gateway, user, message, key=key, conversation_id=conversation_id)
        except OSError:
            return None
        last[:] = [response]
        if response.status not in RETRYABLE:
            return response
        # Retry-After counts in whole seconds; a test does not have them.
        await asyncio.sleep(0.1)
        return None

    try:
        answered = await wait_until(f"“{message}” is answered", attempt, limit_seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}; last answer: {last}") from error
    assert answered is not None
    return answered
