"""Where a page of conversations ended."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from uuid import UUID

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_CURSOR: Final = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([0-9]{1,17})")


@dataclass(frozen=True, slots=True)
class Position:
    """The last conversation of a page as it stood there: `<id>.<microseconds since 1970>`.

    It moves when something is said in it, and may be deleted: with its id alone the next page would
    begin elsewhere, or nowhere. A forged one only moves the start of a page of the forger's own.
    """

    updated_at: datetime
    conversation_id: UUID

    def __str__(self) -> str:
        return f"{self.conversation_id}.{(self.updated_at - _EPOCH) // _MICROSECOND}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The position that a text says; None: it says none."""
        if not (found := _CURSOR.fullmatch(text)):
            return None
        conversation_id, microseconds = found.groups()
        # 17 digits end in the year 5138, so nothing overflows.
        return cls(_EPOCH + timedelta(microseconds=int(microseconds)), UUID(conversation_id))
