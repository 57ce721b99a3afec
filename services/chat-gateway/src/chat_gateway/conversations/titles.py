"""The title of a conversation: of its first message, until the person gives it another."""

from typing import Final

from servicekit.text import complaint

from chat_gateway.errors import InvalidRequest

TITLE_CHARACTERS: Final = 60
"""Of a title that is made from the first message."""
MAX_TITLE_CHARACTERS: Final = 200
"""Of one that a person gives."""


def title_of(message: str) -> str:
    """The first message in one line, shortened."""
    line = " ".join(message.split())
    return line if len(line) <= TITLE_CHARACTERS else f"{line[: TITLE_CHARACTERS - 1].rstrip()}…"


def given_title(text: str, pointer: str) -> str:
    """The title that a person gives, trimmed. Args: pointer: to its field, for the refusal.

    Raises: InvalidRequest (422): it is empty, too long, or no text as servicekit.text has it.
    """
    title = text.strip()
    if not title or len(title) > MAX_TITLE_CHARACTERS:
        reason: str | None = f"must have 1 to {MAX_TITLE_CHARACTERS} characters"
    else:
        reason = complaint(title)
    if reason:
        raise InvalidRequest("This is no title.", errors=[{"pointer": pointer, "message": reason}])
    return title
