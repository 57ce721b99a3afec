"""The body of a refusal: Gemini sends a list with one `{"error": …}`, others send it bare."""

from typing import Final

PASSING: Final = frozenset({408, 409, 425, 429, 499})
"""Statuses that pass by themselves, beside 5xx: Gemini cancels with 499 when it is busy. Source:
googleapis/python-genai#2506, google-gemini/gemini-cli#20309."""


def error_in(body: object) -> object:
    """What a parsed body has for its error: an object; of some gateways, a text."""
    first = body[0] if isinstance(body, list) and body else body
    return first.get("error", first) if isinstance(first, dict) else None


def details_of(error: object) -> list[dict[str, object]]:
    """The details of an error, as google.rpc.Status has them."""
    details = error.get("details") if isinstance(error, dict) else None
    return [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
