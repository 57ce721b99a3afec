"""The bearer token of a request: one header, one spelling."""

import re
from collections.abc import Sequence
from typing import Final

from servicekit.problems import Unauthenticated

# RFC 6750 section 2.1: scheme, one space, b64token.
_BEARER: Final = re.compile(r"Bearer ([A-Za-z0-9\-._~+/]+=*)", re.IGNORECASE)


def bearer_token(values: Sequence[str]) -> str:
    """Take the token from the values of `Authorization`.

    Raises: Unauthenticated (401): there is none, more than one, or another form.
    """
    if not values:
        raise Unauthenticated("Send `Authorization: Bearer <token>`.", token_sent=False)
    if len(values) > 1:
        raise Unauthenticated("Send exactly one Authorization header.")
    bearer = _BEARER.fullmatch(values[0])
    if bearer is None:
        raise Unauthenticated("The Authorization header must be `Bearer <token>`.")
    return bearer.group(1)
