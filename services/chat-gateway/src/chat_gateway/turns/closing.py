"""How a turn ends: its answer is stored, or why it has none."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from servicekit.database.transactions import Database
from servicekit.identifiers import new_id

from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.errors import DatabaseUnavailable, Unauthenticated
from chat_gateway.telemetry.metrics import ABANDONED
from chat_gateway.turns.asking import OpenTurn, TurnRequest
from chat_gateway.turns.budget import Budget
from chat_gateway.turns.chat_answer import render_answer
from chat_gateway.turns.journal import LeaseLost
from chat_gateway.turns.lease import Lease
from chat_gateway.turns.report import TurnReport, failure_of
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.runner import TurnContext
from chat_gateway.turns.states import INTERRUPTED, Failure

#: The answer to a failed turn waits for its failure to be stored, but not for long: if it cannot
#: be stored, the lease runs out by itself.
FAILURE_SECONDS: Final = 2.0

_logger = logging.getLogger(__name__)


async def store_answer(
    database: Database,
    budget: Budget,
    request: TurnRequest,
    opened: OpenTurn,
    context: TurnContext,
    response: str,
) -> str:
    """Store the answer, count what the attempt has used, and free the conversation.

    Returns: the 200 body.
    Raises: LeaseLost; DatabaseUnavailable (503); DeadlineExceeded (504).
    """
    lease, tokens = opened.lease, context.usage.model_tokens
    message_id = context.voice.text_id or new_id()
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
        ended = await turns.complete(lease.attempt, body, message_id, tokens=tokens)
        if ended is None:
            raise LeaseLost()
    budget.ended(ended, tokens)
    return body


@asynccontextmanager
async def failure_stored(
    database: Database, budget: Budget, lease: Lease, report: TurnReport
) -> AsyncIterator[None]:
    """Run an attempt in the block; if it fails, store why and let the problem tell how far it came.

    What it has used is counted either way.

    Raises: TurnInProgress, TurnStopped (409), ConversationNotFound (404): the lease was lost; what
        the block raises, else.
    """
    usage = report.turn.usage
    try:
        yield
    except LeaseLost as error:
        await budget.lost(database, lease.user_id, usage.model_tokens)
        refused = await lease.loss()
        report.turn.voice.retract(ABANDONED)
        report.goes_with(refused)
        raise refused from error
    except asyncio.CancelledError:
        await _store_failure(database, budget, lease, INTERRUPTED, usage.model_tokens)
        raise
    except Exception as error:  # A bug ends a turn too, and its row must say so.
        await _store_failure(database, budget, lease, failure_of(error), usage.model_tokens)
        report.goes_with(error)
        raise


async def _store_failure(
    database: Database, budget: Budget, lease: Lease, failure: Failure, tokens: int
) -> None:
    """Store why an attempt ended and what it used, if the database is there to store it."""
    told = {"code": failure["code"], "retryable": failure["retryable"]}
    _logger.warning("turn failed", extra=told)
    try:
        async with asyncio.timeout(FAILURE_SECONDS):
            # Makes true: the same key may resume the turn at once, and others may pass.
            async with database.user_transaction(
                lease.user_id, timeout_seconds=FAILURE_SECONDS
            ) as transaction:
                ended = await TurnRepository(transaction).fail(
                    lease.attempt, failure, tokens=tokens
                )
            if ended is None:  # stopped, taken over or deleted meanwhile
                await budget.lost(database, lease.user_id, tokens)
            else:
                budget.ended(ended, tokens)
    except (DatabaseUnavailable, TimeoutError):
        _logger.warning("a turn's failure was not stored; its lease will run out")
    except Unauthenticated:
        _logger.info("a turn's failure was not stored: its person is being erased")
