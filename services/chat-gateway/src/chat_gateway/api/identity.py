"""Who speaks: the bearer token, and the path that must name the same person (law 5)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from servicekit.telemetry.audit import claimed_id, security_event
from servicekit.tokens.claims import Identity
from servicekit.tokens.verifier import TokenVerifier
from starlette.datastructures import Headers

from chat_gateway.errors import AuthUnavailable, Unauthenticated, WrongUser

SCHEME: Final = "bearer"


def bearer_token(headers: Headers) -> str:
    """Take the token out of the one Authorization header.

    Raises: Unauthenticated (401): there is none, there are several, or it is no bearer token.
    Source: RFC 6750 section 2.1; the scheme's case is free (RFC 9110 section 11.1).
    """
    values = headers.getlist("authorization")
    if not values:
        raise Unauthenticated("Send a bearer token.", token_sent=False)
    if len(values) > 1:
        raise Unauthenticated("Send one Authorization header.")
    scheme, _, token = values[0].partition(" ")
    if scheme.lower() != SCHEME or not token:
        raise Unauthenticated("Send a bearer token.", token_sent=False)
    return token


async def verify_speaker(headers: Headers, verifier: TokenVerifier) -> Identity:
    """Find out who speaks.

    Raises: Unauthenticated (401); AuthUnavailable (503): no key to judge by.
    """
    return await verifier.verify(bearer_token(headers))


def check_path_user(identity: Identity, path_user_id: str) -> None:
    """Hold the path's user against the token's. One person has one spelling. Audited.

    Args: path_user_id: as it stands in the path.
    Raises: WrongUser (403).
    """
    if path_user_id != str(identity.user_id):
        security_event(
            "wrong_user",
            outcome="refused",
            user_id=identity.user_id,
            path_user_id=claimed_id(path_user_id),
        )
        raise WrongUser("The path names another user than your token does.")


@contextmanager
def refusals_counted(refused: Callable[[str], None]) -> Iterator[None]:
    """Count what the block refuses for the token. Args: refused: told the problem's code."""
    try:
        yield
    except (Unauthenticated, WrongUser, AuthUnavailable) as problem:
        refused(problem.code)
        raise
