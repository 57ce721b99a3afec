"""SQL on `tasks.tool_call`. Each statement names the user although the policy does too."""

from uuid import UUID

from servicekit.database.transactions import UserTransaction
from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from mcp_tools.tool_calls.calls import EarlierCall, Outcome, ToolCall
from mcp_tools.tool_calls.models import ToolCallRow


class ToolCallRepository:
    """One user's tool calls, within a transaction of theirs."""

    def __init__(self, transaction: UserTransaction, user_id: UUID) -> None:
        self._transaction = transaction
        self._user_id = user_id

    async def insert(
        self, call_id: UUID, call: ToolCall, outcome: Outcome, duration_ms: float
    ) -> bool:
        """Insert the row of a call, after waiting for a twin that is inserting it right now.

        Returns: False when the call has a row already: by its key, or by its id.
        Index: tool_call_once, and the primary key.
        """
        statement = (
            insert(ToolCallRow)
            .values(
                user_id=self._user_id,
                id=call_id,
                conversation_id=call.conversation_id,
                turn_id=call.key.turn_id if call.key else None,
                ordinal=call.key.ordinal if call.key else None,
                name=call.name,
                arguments=call.arguments,
                **_columns(outcome),
                duration_ms=duration_ms,
                trace_id=call.trace_id,
                created_at=func.statement_timestamp(),
            )
            .on_conflict_do_nothing()
            .returning(col(ToolCallRow.id))
        )
        return (await self._transaction.execute(statement)).one_or_none() is not None

    async def finish(
        self, call_id: UUID, outcome: Outcome, duration_ms: float, trace_id: str | None
    ) -> None:
        """Write what came of a call into its row. Index: the primary key."""
        await self._transaction.execute(
            update(ToolCallRow)
            .where(col(ToolCallRow.user_id) == self._user_id, col(ToolCallRow.id) == call_id)
            .values(**_columns(outcome), duration_ms=duration_ms, trace_id=trace_id)
        )

    async def lock_unfinished(self, call_id: UUID) -> bool:
        """Take the right to run a call again, after waiting for another who has it.

        The policy `final_outcomes_stay` hides final rows from a lock, also those that became
        final while we waited. Index: the primary key.
        Returns: False when the outcome is final.
        """
        statement = (
            select(col(ToolCallRow.id))
            .where(col(ToolCallRow.user_id) == self._user_id, col(ToolCallRow.id) == call_id)
            .with_for_update()
        )
        return (await self._transaction.execute(statement)).one_or_none() is not None

    async def earlier(self, call_id: UUID, call: ToolCall) -> EarlierCall:
        """Read the row that kept `insert` from inserting. Index: tool_call_once, or the key."""
        itself = col(ToolCallRow.id) == call_id
        if call.key is not None:
            itself = or_(
                itself,
                (col(ToolCallRow.turn_id) == call.key.turn_id)
                & (col(ToolCallRow.ordinal) == call.key.ordinal),
            )
        statement = select(
            col(ToolCallRow.id),
            col(ToolCallRow.name),
            col(ToolCallRow.arguments),
            col(ToolCallRow.output),
            col(ToolCallRow.error),
            col(ToolCallRow.duration_ms),
        ).where(col(ToolCallRow.user_id) == self._user_id, itself)
        row = (await self._transaction.execute(statement)).one()
        return EarlierCall(
            id=row.id,
            name=row.name,
            arguments=row.arguments,
            outcome=Outcome(output=row.output, error=row.error),
            duration_ms=row.duration_ms,
        )


def _columns(outcome: Outcome) -> dict[str, object]:
    return {
        "status": "ok" if outcome.error is None else "error",
        "output": outcome.output,
        "error": outcome.error,
    }
