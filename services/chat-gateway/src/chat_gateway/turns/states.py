"""The states of a turn, and which may follow which (architecture.md "The life of a turn").

received ─► running ─► completed
              ▲  └───► failed
              └───────────┘   the same idempotency key resumes
"""

from enum import StrEnum
from typing import NotRequired, TypedDict


class TurnState(StrEnum):
    """Where a turn is. A running turn whose lease has run out is running nowhere."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class Failure(TypedDict):
    """Why a turn failed.

    code: of contract.md "Errors", or one of the three below.
    retryable: whether the same request may succeed without anybody's help. The same key resumes
        the turn either way.
    refused: the model refused the message itself, so later turns are not shown it.
    """

    code: str
    retryable: bool
    refused: NotRequired[bool]


#: Its process died or was cut off, and a later turn of the conversation passed over it.
LEASE_EXPIRED: Failure = {"code": "lease_expired", "retryable": True}

#: The person stopped it, from whatever replica.
STOPPED: Failure = {"code": "stopped", "retryable": True}

#: It went with its conversation. Never stored: there is no row to store it in.
DELETED: Failure = {"code": "conversation_not_found", "retryable": False}

#: Its process was told to stop before the turn was over.
INTERRUPTED: Failure = {"code": "interrupted", "retryable": True}
