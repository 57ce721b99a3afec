"""What is stored of a turn, told again as it was told when it happened."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue, TypeAdapter

from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.conversations.titles import title_of
from chat_gateway.turns.events import Asked, Came, Event, NewConversation, Opened
from chat_gateway.turns.journal import ModelStep, ToolResult
from chat_gateway.turns.rows import KnownTurn

_STEPS = TypeAdapter(list[ModelStep])
_RESULTS = TypeAdapter(list[ToolResult])


def read_steps(stored: Sequence[JsonValue]) -> list[ModelStep]:
    """The recorded steps in order of their index."""
    return sorted(_STEPS.validate_python(stored), key=lambda step: step.index)


def read_results(stored: Sequence[JsonValue]) -> list[ToolResult]:
    """The recorded results in order of their ordinal."""
    return sorted(_RESULTS.validate_python(stored), key=lambda result: result.ordinal)


def opened_again(
    turn: KnownTurn,
    message: str,
    stored_at: datetime,
    *,
    created: NewConversation | None = None,
    replayed: bool = False,
) -> Opened:
    """A turn that had begun before. Args: created: a conversation whose client may not know it."""
    return Opened(
        conversation_id=turn.conversation_id,
        turn_id=turn.id,
        message_id=turn.user_message_id,
        message=message,
        stored_at=stored_at,
        created=created,
        resumed=True,
        replayed=replayed,
    )


async def opened_again_in(
    conversations: ConversationRepository,
    turn: KnownTurn,
    message: str,
    *,
    names_conversation: bool,
    replayed: bool = False,
) -> Opened:
    """The same, read for a request. One that names no conversation is told which it is."""
    stored_at = await conversations.stored_at(turn.user_message_id)
    created = None
    if not names_conversation:
        found = await conversations.find(turn.conversation_id)
        assert found is not None  # it is held
        created = NewConversation(found.title or title_of(message), found.created_at)
    return opened_again(turn, message, stored_at, created=created, replayed=replayed)


def recorded(turn: KnownTurn) -> list[Event]:
    """Its calls, then what they came to. Who has heard of a call already hears of it again."""
    asked: list[Event] = [Asked(step.calls) for step in read_steps(turn.steps)]
    came = [Came(result) for result in read_results(list(turn.tool_results.values()))]
    return [*asked, *came]
