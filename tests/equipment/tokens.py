"""What a token says, read without looking at its signature."""

import base64
import json


def header_of(token: str) -> dict[str, object]:
    """The header of a compact JWS."""
    return _part(token, 0)


def claims_of(token: str) -> dict[str, object]:
    """The claims of a compact JWS."""
    return _part(token, 1)


def _part(token: str, position: int) -> dict[str, object]:
    part = token.split(".")[position]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
