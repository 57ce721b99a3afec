"""What a person may say in one message, in whichever body it comes.

Source: contract.md "The endpoint".
"""

from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError
from servicekit.text import complaint

MAX_MESSAGE_LENGTH: Final = 8_000


def _acceptable(text: str) -> str:
    if reason := complaint(text):
        raise PydanticCustomError("text", "{reason}", {"reason": reason})
    return text


MessageText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_MESSAGE_LENGTH),
    AfterValidator(_acceptable),
]
"""Trimmed, 1 to 8,000 characters, something visible among them and nothing hidden."""
