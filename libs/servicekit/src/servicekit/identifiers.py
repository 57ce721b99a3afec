"""Identifiers: UUIDv7, made in the service, so that any Postgres from 15 on works."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Make an identifier that sorts by the time it was made.

    Returns: a UUID version 7, a plain `uuid.UUID`.
    Source: RFC 9562 section 5.7.
    """
    return uuid7()
