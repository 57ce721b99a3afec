"""Who may run: what the conversation and the idempotency key say to a request that wants a turn.

Everything here happens in the transaction that opens the turn, behind the lock of the conversation,
so that two requests for one conversation are decided one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from servicekit.identifiers import new_id

from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.errors import ConversationNotFound, TurnInProgress
from chat_gateway.turns.idempotency import stored_answer
from chat_gateway.turns.repository import KnownTurn, TurnRepository


class LostRace(Exception):
    """Another request took the key or the conversation a moment ago: look again."""


@dataclass(frozen=True, slots=True)
class Begin:
    """The key is new: begin a turn. is_new_conversation: it is not stored yet."""

    conversation_id: UUID
    is_new_conversation: bool


@dataclass(frozen=True, slots=True)
class Resume:
    """The turn of this key failed or was abandoned: go on with it."""

    turn: KnownTurn


@dataclass(frozen=True, slots=True)
class Replay:
    """The turn of this key is over: give its answer again."""

    turn_id: UUID
    answer: str


async def stand(
    transaction: UserTransaction,
    user_id: UUID,
    conversation_id: UUID | None,
    idempotency_key: str | None,
    requested: bytes,
) -> Begin | Resume | Replay:
    """Find out what a request may do, and hold its conversation.

    Args: conversation_id: None for a new one. requested: the request's hash.
    Raises: ConversationNotFound (404); TurnInProgress (409); IdempotencyKeyReused (422).
    Source: contract.md "Retries".
    """
    conversations = ConversationRepository(transaction, user_id)
    turns = TurnRepository(transaction, user_id)
    if conversation_id is None and idempotency_key is not None:
        conversation_id = await turns.conversation_of(idempotency_key)
    if conversation_id is None:
        return Begin(conversation_id=new_id(), is_new_conversation=True)
    if not await conversations.lock(conversation_id):
        raise ConversationNotFound()
    known = await turns.find(conversation_id, idempotency_key)
    mine = next((turn for turn in known if _has_key(turn, idempotency_key)), None)
    if mine is not None and (answer := stored_answer(mine, requested)) is not None:
        return Replay(mine.id, answer)
    await _make_room(turns, [turn for turn in known if turn is not mine])
    if mine is not None:
        return Resume(mine)
    return Begin(conversation_id=conversation_id, is_new_conversation=False)


def _has_key(turn: KnownTurn, idempotency_key: str | None) -> bool:
    return idempotency_key is not None and turn.idempotency_key == idempotency_key


async def _make_room(turns: TurnRepository, others: Sequence[KnownTurn]) -> None:
    """Pass over what was abandoned in this conversation; give way to what runs.

    Raises: TurnInProgress (409).
    """
    for other in others:
        if not (other.abandoned and await turns.pass_over(other.id)):
            raise TurnInProgress()
