"""What is stored of a conversation, as it is read again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KnownConversation:
    """One as it is stored. opening: its first message, read only where it has no title."""

    id: UUID
    title: str | None
    opening: str | None
    created_at: datetime
    updated_at: datetime
