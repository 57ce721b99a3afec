"""The prompt: instructions.md, and what is true of this turn only."""

from datetime import datetime
from importlib.resources import files
from zoneinfo import ZoneInfo


def read_instructions() -> str:
    """Read the prompt that ships with the package; once, when the agent is built."""
    return files("chat_gateway.agent").joinpath("instructions.md").read_text(encoding="utf-8")


def with_time(instructions: str, now: datetime, time_zone: str | None) -> str:
    """Add the date and time, in the person's zone when it is known.

    Args: now: aware. time_zone: IANA name, known to exist.
    """
    local = now.astimezone(ZoneInfo(time_zone or "UTC"))
    said = f"It is {local:%A}, {local.day} {local:%B %Y}, {local:%H:%M}"
    if time_zone is None:
        zone = "in UTC; the person's time zone is not known"
    else:
        zone = f"in the person's time zone, {time_zone}"
    return f"{instructions}\n# Now\n{said} {zone}.\n"
