"""SQL on `tasks.tool_call`. Each statement names the user although the policy does too (ADR 0002).

Statements are built once: building one costs more CPU than running it.
"""

from typing import Final
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from mcp_tools.tool_calls.calls import EarlierCall, Outcome, ToolCall
from mcp_tools.tool_calls.models import TOOL_CALL

_OF = TOOL_CALL.c
_MINE: Final = bindparam("of_user") == _OF.user_id
_THIS: Final = bindparam("this") == _OF.id
_OF_KEY: Final = (bindparam("turn") == _OF.turn_id) & (bindparam("position") == _OF.ordinal)

_INSERT: Final = (
    insert(TOOL_CALL)
    .values(user_id=bindparam("of_user"))
    .on_conflict_do_nothing()
    .returning(_OF.id)
)
_FINISH: Final = update(TOOL_CALL).where(_MINE & _THIS)
_LOCK: Final = select(_OF.id).where(_MINE & _THIS).with_for_update()
_EARLIER: Final = select(
    _OF.id, _OF.name, _OF.arguments, _OF.output, _OF.error, _OF.duration_ms
).where(_MINE & (_THIS | _OF_KEY))


class ToolCallRepository:
    """One user's tool calls, within a transaction of theirs."""

    def __init__(self, transaction: UserTransaction) -> None:
        self._transaction = transaction

    async def insert(
        self, call_id: UUID, call: ToolCall, outcome: Outcome, duration_ms: float
    ) -> bool:
        """Insert the row of a call, after waiting for a twin that is inserting it right now.

        Returns: False when the call has a row already: by its key, or by its id.
        Index: tool_call_once, and the primary key.
        """
        values = {
            "id": call_id,
            "conversation_id": call.conversation_id,
            "turn_id": call.key.turn_id if call.key else None,
            "ordinal": call.key.ordinal if call.key else None,
            "name": call.name,
            "arguments": call.arguments,
            "trace_id": call.trace_id,
            **_result(outcome, duration_ms),
        }
        return (await self._transaction.execute(_INSERT, values)).one_or_none() is not None

    async def finish(
        self, call_id: UUID, outcome: Outcome, duration_ms: float, trace_id: str | None
    ) -> None:
        """Write what came of a call into its row. Index: the primary key."""
        values = {
            "this": call_id,
            "trace_id": trace_id,
            **_result(outcome, duration_ms),
        }
        await self._transaction.execute(_FINISH, values)

    async def lock_unfinished(self, call_id: UUID) -> bool:
        """Take the right to run a call again, after waiting for another who has it.

        The policy `final_outcomes_stay` hides final rows from a lock, also those that became
        final while we waited. Index: the primary key.
        Returns: False when the outcome is final.
        """
        values = {"this": call_id}
        return (await self._transaction.execute(_LOCK, values)).one_or_none() is not None

    async def earlier(self, call_id: UUID, call: ToolCall) -> EarlierCall:
        """Read the row that kept `insert` from inserting. Index: tool_call_once, or the key."""
        values = {
            "this": call_id,
            "turn": call.key.turn_id if call.key else None,
            "position": call.key.ordinal if call.key else None,
        }
        row = (await self._transaction.execute(_EARLIER, values)).one()
        return EarlierCall(
            id=row.id,
            name=row.name,
            arguments=row.arguments,
            outcome=Outcome(output=row.output, error=row.error),
            duration_ms=row.duration_ms,
        )


def _result(outcome: Outcome, duration_ms: float) -> dict[str, object]:
    return {
        "status": "ok" if outcome.error is None else "error",
        "output": outcome.output,
        "error": outcome.error,
        "duration_ms": duration_ms,
    }
