"""Which failures mean "the database is not there for us now", told apart from bugs of ours."""

from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# Source: PostgreSQL, appendix A "Error Codes". Classes first, then single codes.
_UNAVAILABLE_CLASSES: Final = (
    "08",  # connection exception; PgBouncer's own errors too
    "28",  # invalid authorization: a password that was just rotated
    "53",  # insufficient resources: disk full, too many connections
    "57",  # operator intervention: shutdown, cancel by statement_timeout, database dropped
    "58",  # system error: I/O
)
_UNAVAILABLE_CODES: Final = frozenset(
    {
        "25006",  # read-only transaction: we reached a standby during a failover
        "25P03",  # idle_in_transaction_session_timeout
        "25P04",  # transaction_timeout
        "3D000",  # the database does not exist (yet)
        "40001",  # serialization failure
        "40P01",  # deadlock: the other one went on, we may try again
        "55P03",  # lock_timeout
    }
)

# The server, or the pooler before it, went away or is on its way back. Not 57014: our own timeout.
_LOST_CONNECTION_CODES: Final = frozenset({"57P01", "57P02", "57P03"})


def sqlstate(error: BaseException) -> str | None:
    """Return the five characters of Postgres' error code, wherever the driver left them."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        code = getattr(current, "sqlstate", None)
        if isinstance(code, str):
            return code
        original = getattr(current, "orig", None)
        current = original if isinstance(original, BaseException) else current.__cause__
    return None


def is_unavailable(error: BaseException) -> bool:
    """Say whether a repeat at a later time may succeed with nothing changed on our side."""
    code = sqlstate(error)
    if code is not None:
        return code.startswith(_UNAVAILABLE_CLASSES) or code in _UNAVAILABLE_CODES
    if isinstance(error, DBAPIError):
        # asyncpg's InterfaceError has no code: a connection that closed under us, or misuse.
        return error.connection_invalidated
    return isinstance(error, OSError | TimeoutError | PoolTimeoutError)


def is_lost_connection(error: BaseException) -> bool:
    """Say whether a connection was cut or refused, so that the next one may be good at once.

    A time limit that ran out is not among them: whoever waited so long should be told.
    """
    code = sqlstate(error)
    if code is not None:
        return code.startswith("08") or code in _LOST_CONNECTION_CODES
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return isinstance(error, OSError) and not isinstance(error, TimeoutError)
