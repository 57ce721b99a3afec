"""Where a page of tasks ended, as an opaque text.

A cursor is base64url of (microseconds since 1970, task id, check). The check is keyed with the user
id: it finds damaged, invented and borrowed cursors. It is not a secret, and needs none: a forged
cursor only moves the start of a page within the forger's own tasks.
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
    """The text is not a cursor that this user was given."""


@dataclass(frozen=True)
class Cursor:
    """The last task of a page; the next page begins after it.

    Attributes: created_at: aware UTC, exact to the microsecond as Postgres keeps it.
        task_id: orders tasks of the same microsecond.
    """

    created_at: datetime
    task_id: UUID

    def encode(self, user_id: UUID) -> str:
        """The text that `decode` understands for the same user."""
        microseconds = (self.created_at - _EPOCH) // _MICROSECOND
        position = _POSITION.pack(microseconds, self.task_id.bytes)
        return urlsafe_b64encode(position + _check(position, user_id)).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str, user_id: UUID) -> Self:
        """Read a cursor that was given to this user.

        Raises: MalformedCursor: it was changed, cut, invented, or given to someone else.
        """
        try:
            raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (UnicodeEncodeError, Base64Error) as wrong:
            raise MalformedCursor from wrong
        position, check = raw[: _POSITION.size], raw[_POSITION.size :]
        if len(position) != _POSITION.size or not compare_digest(check, _check(position, user_id)):
            raise MalformedCursor
        microseconds, task_id = _POSITION.unpack(position)
        try:
            created_at = _EPOCH + timedelta(microseconds=microseconds)
        except OverflowError as wrong:
            raise MalformedCursor from wrong
        return cls(created_at=created_at, task_id=UUID(bytes=task_id))


def _check(position: bytes, user_id: UUID) -> bytes:
    return blake2s(position, digest_size=_CHECK_BYTES, key=user_id.bytes).digest()
