"""What the model is shown of the turns before one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from servicekit.database.transactions import UserTransaction

from chat_gateway.conversations.history import HistoryLimits, HistoryMessage, select_history
from chat_gateway.telemetry.spans import step_span
from chat_gateway.turns.past_repository import PastTurnRepository
from chat_gateway.turns.past_turns import exchange_of


async def shown_history(
    transaction: UserTransaction,
    limits: HistoryLimits,
    conversation_id: UUID,
    *,
    before: tuple[datetime, UUID] | None = None,
) -> Sequence[HistoryMessage]:
    """Fetch as much of a conversation as the limits take.

    Args: before: time and id of a message whose turn is itself left out.
    """
    with step_span("history"):
        newest_first = await PastTurnRepository(transaction).newest(
            conversation_id, limits.max_exchanges, before=before
        )
        return select_history(filter(None, map(exchange_of, newest_first)), limits)
