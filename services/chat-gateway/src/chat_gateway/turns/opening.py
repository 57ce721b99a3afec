"""Who may run: what the conversation and the idempotency key say to a request that wants a turn.

Everything here happens in the transaction that opens the turn, behind the lock of the conversation,
so that two requests for one conversation are decided one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from servicekit.database.transactions import UserTransaction
from servicekit.identifiers import new_id

from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.errors import ConversationNotFound, IdempotencyKeyReused, TurnInProgress
from chat_gateway.turns.idempotency import NOT_KEPT, stored_answer
from chat_gateway.turns.item_repository import ItemRepository
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.rows import Known, KnownClick, KnownTurn
from chat_gateway.turns.states import TurnState

#: The loser of a race for a key or a conversation sees the winner when it looks again.
LOOKS: Final = 3


class RunsByNow(TurnInProgress):
    """Another request goes on with the turn of this message since a moment ago: follow it."""


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

    turn: KnownTurn
    answer: str


async def admit(
    transaction: UserTransaction,
    conversation_id: UUID | None,
    idempotency_key: str | None,
    requested: bytes,
) -> Begin | Resume | Replay:
    """Find out what a request may do, and hold its conversation.

    Args: conversation_id: None for a new one. requested: the request's hash.
    Raises: ConversationNotFound (404); TurnInProgress (409); IdempotencyKeyReused (422).
    Source: contract.md "Retries".
    """
    conversations = ConversationRepository(transaction)
    turns = TurnRepository(transaction)
    if conversation_id is None and idempotency_key is not None:
        match await turns.by_key(idempotency_key):
            case KnownTurn(conversation_id=conversation_id):
                pass
            case KnownClick():  # it may have no conversation to lock
                raise IdempotencyKeyReused()
    if conversation_id is None:
        return Begin(conversation_id=new_id(), is_new_conversation=True)
    if not await conversations.lock(conversation_id):
        raise ConversationNotFound()
    known = await turns.find(conversation_id, idempotency_key)
    mine = next((turn for turn in known if _has_key(turn, idempotency_key)), None)
    if isinstance(mine, KnownClick):
        raise IdempotencyKeyReused()
    if mine is not None and (answer := stored_answer(mine, requested)) is not None:
        return Replay(mine, answer)
    await _make_room(turns, [turn for turn in known if turn is not mine])
    if mine is not None:
        return Resume(mine)
    return Begin(conversation_id=conversation_id, is_new_conversation=False)


async def admit_after(
    transaction: UserTransaction, conversation_id: UUID, item_id: UUID
) -> Resume | Replay:
    """Find out what a request may do that wants the turn of a stored message, and hold it.

    Args: item_id: of the message, which was found in the conversation a moment ago.
    Raises: ConversationNotFound (404); TurnInProgress (409): another turn of the
        conversation runs; RunsByNow. IdempotencyKeyReused (422): what came of it is not kept.
    """
    if not await ConversationRepository(transaction).lock(conversation_id):
        raise ConversationNotFound()
    asked = await ItemRepository(transaction).turn_of(conversation_id, item_id)
    if asked is None:
        raise ConversationNotFound()
    turn = asked.turn
    if turn.expired:
        raise IdempotencyKeyReused(NOT_KEPT)
    if turn.answer is not None:
        return Replay(turn, turn.answer)
    if turn.state is TurnState.RUNNING and not turn.abandoned:
        raise RunsByNow()
    turns = TurnRepository(transaction)
    running = await turns.find(conversation_id, None)
    await _make_room(turns, [other for other in running if other.id != turn.id])
    return Resume(turn)


def _has_key(turn: Known, idempotency_key: str | None) -> bool:
    return idempotency_key is not None and turn.idempotency_key == idempotency_key


async def _make_room(turns: TurnRepository, others: Sequence[Known]) -> None:
    """Pass over what was abandoned in this conversation; give way to what runs.

    Raises: TurnInProgress (409).
    """
    for other in others:
        if not (other.abandoned and await turns.pass_over(other.id)):
            raise TurnInProgress()
