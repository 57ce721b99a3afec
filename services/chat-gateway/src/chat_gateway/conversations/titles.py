"""The title of a conversation: of its first message, until the person gives it another."""

import re
from itertools import dropwhile
from typing import Final

from servicekit.text import complaint, complaint_of_kept, without_controls

from chat_gateway.errors import InvalidRequest

TITLE_CHARACTERS: Final = 60
"""Of a title that is made from the first message."""
MAX_TITLE_CHARACTERS: Final = 200
"""Of one that a person gives."""
_PARAGRAPH_END: Final = re.compile(r"\n[^\S\n]*\n\s*")


def title_of(message: str) -> str:
    """What the first message says after what it begins by quoting, in one line, shortened.

    A message may hold what was pasted from a terminal; a title, which comes up in others, may not.
    """
    line = " ".join(without_controls(_after_quotations(message)).split())
    return line if len(line) <= TITLE_CHARACTERS else f"{line[: TITLE_CHARACTERS - 1].rstrip()}…"


def _after_quotations(message: str) -> str:
    """The message from its first paragraph on that is no quotation in Markdown.

    Returns: all of it, where nothing else is there to be seen.
    """
    paragraphs = _PARAGRAPH_END.split(message)
    rest = "\n\n".join(dropwhile(_is_quotation, paragraphs))
    return message if not rest or complaint(rest) else rest


def _is_quotation(paragraph: str) -> bool:
    return all(line.startswith(">") for line in paragraph.splitlines())


def given_title(text: str, pointer: str) -> str:
    """The title that a person gives, trimmed. Args: pointer: to its field, for the refusal.

    Raises: InvalidRequest (422): it is empty, too long, or no text as servicekit.text has it.
    """
    title = text.strip()
    if not title or len(title) > MAX_TITLE_CHARACTERS:
        reason: str | None = f"must have 1 to {MAX_TITLE_CHARACTERS} characters"
    else:
        reason = complaint_of_kept(title)
    if reason:
        raise InvalidRequest("This is no title.", errors=[{"pointer": pointer, "message": reason}])
    return title
