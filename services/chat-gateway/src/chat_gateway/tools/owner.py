"""Whose tasks a tool call is about: the parameter that the model neither sees nor chooses (law 5).

It is hidden from the schemas that the model is shown, dropped from what the model says all the
same, and filled in with the verified user when the call is made.
"""

from copy import deepcopy
from typing import Final
from uuid import UUID

from pydantic import JsonValue

OWNER_PARAMETER: Final = "user_id"


def hide_owner(schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Take the owner out of a tool's parameters, for the model to see. Returns: a copy."""
    shown = deepcopy(schema)
    properties = shown.get("properties")
    if isinstance(properties, dict):
        properties.pop(OWNER_PARAMETER, None)
    required = shown.get("required")
    if isinstance(required, list):
        shown["required"] = [name for name in required if name != OWNER_PARAMETER]
    return shown


def drop_owner(arguments: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Leave out the owner that a model has chosen by itself. Returns: the other arguments."""
    return {name: value for name, value in arguments.items() if name != OWNER_PARAMETER}


def fill_in_owner(arguments: dict[str, JsonValue], user_id: UUID) -> dict[str, JsonValue]:
    """Say whose tasks a call is about, over whatever the arguments say of it.

    Args: user_id: of the verified token.
    """
    return {**arguments, OWNER_PARAMETER: str(user_id)}
