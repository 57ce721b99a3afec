"""A stop: a request of its own that ends a turn, wherever it runs. A lost connection is none.

The turn's row says `failed`, which takes its lease away: nothing that the running attempt writes
counts from then on, so it makes no further call than those that are under way. What was done stays.
A stop and the closing of a turn change the same row, so that exactly one of them is done.
"""

import logging
from dataclasses import dataclass
from uuid import UUID

from servicekit.database.transactions import Database
from servicekit.telemetry.logs import bind_log_fields
from servicekit.tokens.claims import Identity

from chat_gateway.actions.repository import StopRepository
from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.errors import ConversationNotFound, InvalidRequest
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.turns.deadline import Deadline

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StopRequest:
    """Which turn is to end. deadline: of this request, not of the turn."""

    identity: Identity
    conversation_id: UUID
    turn_id: UUID
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class StopService:
    """Stops turns of any process."""

    database: Database
    metrics: GatewayMetrics

    async def stop(self, request: StopRequest) -> bool:
        """End a turn, if it runs. Doing it again does nothing.

        Returns: False: it was over already, and what it answered stands.
        Raises: ConversationNotFound (404); InvalidRequest (422): the conversation has no such
            turn; DatabaseUnavailable (503); DeadlineExceeded (504).
        """
        user_id = request.identity.user_id
        async with request.deadline.enforced():
            stopped = await self._stop(request)
        result = "stopped" if stopped else "over"
        self.metrics.stop_asked(result)
        with bind_log_fields(user_id=str(user_id), turn_id=str(request.turn_id)):
            _logger.info("turn stop asked", extra={"outcome": result})
        return stopped

    async def _stop(self, request: StopRequest) -> bool:
        # Makes true: the attempt that runs has no lease any more, and the same key may resume.
        async with self.database.user_transaction(
            request.identity.user_id, timeout_seconds=request.deadline.remaining_seconds()
        ) as transaction:
            if not await ConversationRepository(transaction).holds(request.conversation_id):
                raise ConversationNotFound()
            turns = StopRepository(transaction)
            if await turns.stop(request.conversation_id, request.turn_id):
                return True
            if not await turns.is_here(request.conversation_id, request.turn_id):
                raise InvalidRequest(
                    "Some fields are missing or wrong.",
                    errors=[
                        {
                            "pointer": "/params/action/payload/turn_id",
                            "message": "must be of a turn of this conversation",
                        }
                    ],
                )
            return False
