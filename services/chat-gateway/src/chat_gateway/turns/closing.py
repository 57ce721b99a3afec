"""How a turn ends: its answer is stored, or why it has none."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from servicekit.database.transactions import Database
from servicekit.identifiers import new_id

from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.errors import DatabaseUnavailable
from chat_gateway.telemetry.metrics import ABANDONED
from chat_gateway.turns.asking import OpenTurn, TurnRequest
from chat_gateway.turns.chat_answer import render_answer
from chat_gateway.turns.events import Voice
from chat_gateway.turns.journal import LeaseLost
from chat_gateway.turns.lease import Lease
from chat_gateway.turns.report import TurnReport, failure_of
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.states import INTERRUPTED, Failure

#: The answer to a failed turn waits for its failure to be stored, but not for long: if it cannot
#: be stored, the lease runs out by itself.
FAILURE_SECONDS: Final = 2.0

_logger = logging.getLogger(__name__)


async def store_answer(
    database: Database, request: TurnRequest, opened: OpenTurn, response: str, voice: Voice
) -> str:
    """Store the answer and free the conversation.

    Returns: the 200 body.
    Raises: LeaseLost; DatabaseUnavailable (503); DeadlineExceeded (504).
    """
    lease = opened.lease
    message_id = voice.text_id or new_id()
    # Makes true: the answer is stored, once, and the conversation is free.
    async with database.user_transaction(
        lease.user_id, timeout_seconds=request.deadline.remaining_seconds()
    ) as transaction:
        conversations = ConversationRepository(transaction)
        turns = TurnRepository(transaction)
        # First, so that a turn that opens waits here and then sees all of this.
        created_at = await conversations.add_message(
            message_id, opened.conversation_id, "assistant", response
        )
        if created_at is None:
            raise LeaseLost()
        body = render_answer(
            conversation_id=opened.conversation_id,
            turn_id=lease.attempt.turn_id,
            message_id=message_id,
            response=response,
            results=opened.journal.results,
            created_at=created_at,
        )
        if not await turns.complete(lease.attempt, body, message_id):
            raise LeaseLost()
    return body


@asynccontextmanager
async def failure_stored(
    database: Database, lease: Lease, report: TurnReport
) -> AsyncIterator[None]:
    """Run an attempt in the block; if it fails, store why and let the problem tell how far it came.

    Raises: TurnInProgress, TurnStopped (409), ConversationNotFound (404): the lease was lost; what
        the block raises, else.
    """
    try:
        yield
    except LeaseLost as error:
        refused = await lease.loss()
        report.turn.voice.retract(ABANDONED)
        report.goes_with(refused)
        raise refused from error
    except asyncio.CancelledError:
        await _store_failure(database, lease, INTERRUPTED)
        raise
    except Exception as error:  # A bug ends a turn too, and its row must say so.
        await _store_failure(database, lease, failure_of(error))
        report.goes_with(error)
        raise


async def _store_failure(database: Database, lease: Lease, failure: Failure) -> None:
    """Store why an attempt ended, if the database is there to store it."""
    told = {"code": failure["code"], "retryable": failure["retryable"]}
    _logger.warning("turn failed", extra=told)
    try:
        async with asyncio.timeout(FAILURE_SECONDS):
            # Makes true: the same key may resume the turn at once, and others may pass.
            async with database.user_transaction(
                lease.user_id, timeout_seconds=FAILURE_SECONDS
            ) as transaction:
                await TurnRepository(transaction).fail(lease.attempt, failure)
    except (DatabaseUnavailable, TimeoutError):
        _logger.warning("a turn's failure was not stored; its lease will run out")
