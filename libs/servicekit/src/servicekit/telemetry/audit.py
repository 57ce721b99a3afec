"""Security events: who did what, and what came of it; one log line each (ADR 0039).

The same line as the auth service's `audit.ts` writes. It is written whatever LOG_LEVEL is: a level
silences noise, never the audit. Contents never go in: ids and words of ours only.
"""

import logging
from typing import Final, Literal
from uuid import UUID

SecurityEvent = Literal["wrong_user", "forbidden", "budget_used_up", "export", "erasure"]
"""What can happen here; what concerns signing in is the auth service's."""

SecurityOutcome = Literal["ok", "refused", "failed"]
"""`refused` is our answer to who asked, `failed` is a fault of ours."""

_LOOKED_AT: Final = frozenset({"wrong_user"})
_logger = logging.getLogger(__name__)
_logger.setLevel(logging.INFO)  # its own, so that the process's does not count


def security_event(
    event: SecurityEvent,
    *,
    outcome: SecurityOutcome,
    user_id: UUID | None,
    **fields: str | int | bool | None,
) -> None:
    """Write the one line of a security event.

    `forbidden` is an ERROR: no page and no program of ours can bring it about. What asks to be
    looked at is a WARNING, and the rest INFO.

    Args: user_id: who asked, by a verified token; None: nobody is known. fields: listed for this
        event in otel/schema/fields.yaml.
    """
    if event == "forbidden":
        level = logging.ERROR
    elif outcome == "failed" or event in _LOOKED_AT:
        level = logging.WARNING
    else:
        level = logging.INFO
    # An event may happen outside of a turn or call, whose lines have the id already.
    who = {} if user_id is None else {"user_id": str(user_id)}
    _logger.log(
        level, "security event", extra={"event": event, "outcome": outcome, **who, **fields}
    )


def claimed_id(text: str) -> str | None:
    """The id that somebody wrote as a person's, canonical; None: they wrote something else.

    What they wrote is theirs, and of any length: it never goes into a log as it is.
    """
    try:
        return str(UUID(text.strip()))
    except ValueError:
        return None
