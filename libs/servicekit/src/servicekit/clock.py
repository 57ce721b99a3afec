"""The clock: aware UTC times only."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment as an aware UTC time (SQLModel refuses naive ones)."""
    return datetime.now(UTC)
