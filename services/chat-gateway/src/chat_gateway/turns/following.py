"""A turn that runs elsewhere, told from what it stores, until it is over or free to be taken up.

Reload, reconnect and a second page, on any replica: the database alone says what happens. A follow
is for its reader alone, and ends with it; the turn does not mind.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from servicekit.database.transactions import Database

from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.errors import (
    ConversationNotFound,
    DatabaseUnavailable,
    DeadlineExceeded,
    InternalError,
    InvalidRequest,
    ModelError,
    ModelUnavailable,
    Problem,
    ToolsUnavailable,
    TurnInProgress,
    TurnStopped,
)
from chat_gateway.turns.asking import TurnRequest
from chat_gateway.turns.item_repository import AskedTurn, ItemRepository
from chat_gateway.turns.retelling import opened_again, recorded
from chat_gateway.turns.states import STOPPED, Failure, TurnState

POLL_SECONDS: Final = 0.5

_GO_ON: Final = "Try again to go on from there."
_TOLD: Final[dict[str, type[Problem]]] = {
    problem.code: problem
    for problem in (
        DatabaseUnavailable, DeadlineExceeded, InternalError, ModelError, ModelUnavailable,
        ToolsUnavailable,
    )
} | {STOPPED["code"]: TurnStopped}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Followed:
    """A turn that is not running. was_running: it ended while it was followed.

    reader_left: it runs on, and nobody wants to be told of it any more.
    """

    asked: AskedTurn
    was_running: bool
    reader_left: bool = False


def never() -> bool:
    """Whether a reader that always stays has left."""
    return False


async def follow(
    database: Database, request: TurnRequest, item_id: UUID, has_left: Callable[[], bool]
) -> Followed:
    """Tell a running turn of a message until it runs no longer; tell nothing of one that is over.

    Args: item_id: of the message. has_left: whether the reader is gone, looked at every
        POLL_SECONDS.
    Raises: ConversationNotFound (404); InvalidRequest (422): no message of the person's;
        DatabaseUnavailable (503); DeadlineExceeded (504).
    """
    was_running = False
    while True:
        asked = await _look(database, request, item_id)
        turn = asked.turn
        if turn.state is not TurnState.RUNNING or turn.abandoned:
            if was_running:
                for event in recorded(turn):
                    request.listener(event)
            return Followed(asked, was_running)
        if not was_running:
            was_running = True
            request.listener(opened_again(turn, asked.message, asked.stored_at))
        for event in recorded(turn):
            request.listener(event)
        await asyncio.sleep(POLL_SECONDS)
        if has_left():
            return Followed(asked, was_running, reader_left=True)


def problem_of(failure: Failure | None) -> Problem:
    """What is told of a followed turn that failed: its own problem, without a report of it."""
    problem = None if failure is None else _TOLD.get(failure["code"])
    if problem is None:  # its process was told to stop, or died
        return TurnInProgress(f"The turn was cut off. {_GO_ON}")
    return problem() if problem is TurnStopped else problem(f"{problem.title}. {_GO_ON}")


async def _look(database: Database, request: TurnRequest, item_id: UUID) -> AskedTurn:
    assert request.conversation_id is not None
    async with database.user_transaction(
        request.identity.user_id, timeout_seconds=request.deadline.remaining_seconds()
    ) as transaction:
        asked = await ItemRepository(transaction).turn_of(request.conversation_id, item_id)
        if asked is not None:
            return asked
        if not await ConversationRepository(transaction).lock(request.conversation_id):
            raise ConversationNotFound()
        raise unknown_item()


def unknown_item() -> InvalidRequest:
    """The same for a stranger's message, one of another thread, an answer, and none at all."""
    message = "must be the id of a message of yours in this thread"
    return InvalidRequest(
        "Only a message of yours can be answered again.",
        errors=[{"pointer": "/params/item_id", "message": message}],
    )
