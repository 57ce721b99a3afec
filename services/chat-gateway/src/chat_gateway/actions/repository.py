"""SQL of what a person does to a turn from outside of it."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from sqlalchemy import Executable, bindparam, func, literal_column, select, update

from chat_gateway.turns.models import turn_table as turn
from chat_gateway.turns.states import STOPPED, TurnState

#: A click is over in a moment, and nobody is told its id while it runs.
_THIS: Final = (
    turn.c.user_id == bindparam("of_user"),
    turn.c.id == bindparam("of_turn"),
    turn.c.conversation_id == bindparam("of_conversation"),
    turn.c.user_message_id.is_not(None),
)
_IS_HERE: Final = select(turn.c.id).where(*_THIS)
#: No attempt is named: whichever runs has its lease taken away.
_STOP: Final = (
    update(turn)
    .where(*_THIS, turn.c.state == literal_column(f"'{TurnState.RUNNING}'"))
    .values(
        state=TurnState.FAILED,
        failure=STOPPED,
        lease_expires_at=None,
        updated_at=func.clock_timestamp(),
    )
    .returning(turn.c.id)
)


@dataclass(frozen=True, slots=True)
class StopRepository:
    """The turns of one user, inside one transaction of theirs. Index: turn_pkey."""

    transaction: UserTransaction

    async def is_here(self, conversation_id: UUID, turn_id: UUID) -> bool:
        """Whether the conversation has this turn, whatever became of it."""
        return await self._finds(_IS_HERE, conversation_id, turn_id)

    async def stop(self, conversation_id: UUID, turn_id: UUID) -> bool:
        """Fail a turn that runs, whoever runs it. Returns: False when it does not run."""
        return await self._finds(_STOP, conversation_id, turn_id)

    async def _finds(self, statement: Executable, conversation_id: UUID, turn_id: UUID) -> bool:
        values = {"of_conversation": conversation_id, "of_turn": turn_id}
        return await self.transaction.scalar(statement, values) is not None
