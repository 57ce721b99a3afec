"""What an `Idempotency-Key` means for a request: new, replay, resume or refuse.

Source: contract.md "Retries".
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from chat_gateway.errors import IdempotencyKeyReused, TurnInProgress
from chat_gateway.turns.rows import Known
from chat_gateway.turns.states import TurnState

NOT_KEPT: Final = (
    "This was asked so long ago that what came of it is no longer kept. Ask again with a new key."
)


def request_hash(conversation_id: UUID | None, message: str) -> bytes:
    """Digest what a request asks for, not how it was spelled: blanks and member order are free.

    Args: message: trimmed.
    Returns: 32 bytes (SHA-256).
    """
    asked = [None if conversation_id is None else str(conversation_id), message]
    return hashlib.sha256(json.dumps(asked).encode()).digest()


def click_hash(
    conversation_id: UUID | None, action: str, arguments: Mapping[str, JsonValue]
) -> bytes:
    """Digest what a click asks for; never that of a message. Returns: 32 bytes (SHA-256)."""
    asked = [None if conversation_id is None else str(conversation_id), action, arguments]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()


def stored_answer(known: Known, requested: bytes) -> str | None:
    """Decide over a request whose key is known already.

    Args: requested: the request's hash.
    Returns: the answer to replay, or None when the turn is free to be resumed.
    Raises: IdempotencyKeyReused (422): the key belongs to another body, or is too old.
        TurnInProgress (409): the turn runs, here or in another process.
    """
    if known.expired:
        raise IdempotencyKeyReused(NOT_KEPT)
    if known.request_hash != requested:
        raise IdempotencyKeyReused()
    if known.state is TurnState.RUNNING and not known.abandoned:
        raise TurnInProgress()
    return known.answer
