"""Where a page of tasks ended, as an opaque text.

A cursor is base64url of (microseconds since 1970, task id, check). The check is keyed with the user
id and covers the filter of the list: it finds damaged, invented and borrowed cursors, and those of
another list. It is not a secret, and needs none: a forged cursor only moves the start of a page
within the forger's own tasks.
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from hmac import compare_digest
from typing import Self
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_POSITION = struct.Struct(">q16s")
_CHECK_BYTES = 4


class MalformedCursor(ValueError):
    """The text is not a cursor that this user was given for this list."""


@dataclass(frozen=True)
class Cursor:
    """The last task of a page; the next page begins after it.

    Attributes: created_at: aware UTC, exact to the microsecond as Postgres keeps it.
        task_id: orders tasks of the same microsecond.
    """

    created_at: datetime
    task_id: UUID

    def encode(self, user_id: UUID, of_list: str = "") -> str:
        """The text that `decode` understands for the same user and list.

        Args: of_list: what tells the list from the user's others; empty: all their tasks.
        """
        microseconds = (self.created_at - _EPOCH) // _MICROSECOND
        position = _POSITION.pack(microseconds, self.task_id.bytes)
        return (
            urlsafe_b64encode(position + _check(position, user_id, of_list)).rstrip(b"=").decode()
        )

    @classmethod
    def decode(cls, text: str, user_id: UUID, of_list: str = "") -> Self:
        """Read a cursor that was given to this user for this list.

        Raises: MalformedCursor: it was changed, cut, invented, or given to someone else or for
            another list.
        """
        try:
            raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (UnicodeEncodeError, Base64Error) as wrong:
            raise MalformedCursor from wrong
        position, check = raw[: _POSITION.size], raw[_POSITION.size :]
        right = _check(position, user_id, of_list)
        if len(position) != _POSITION.size or not compare_digest(check, right):
            raise MalformedCursor
        microseconds, task_id = _POSITION.unpack(position)
        try:
            created_at = _EPOCH + timedelta(microseconds=microseconds)
        except OverflowError as wrong:
            raise MalformedCursor from wrong
        return cls(created_at=created_at, task_id=UUID(bytes=task_id))


def _check(position: bytes, user_id: UUID, of_list: str) -> bytes:
    return blake2s(
        position + of_list.encode(), digest_size=_CHECK_BYTES, key=user_id.bytes
    ).digest()
