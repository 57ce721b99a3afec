"""Claims: what a token must hold, once its signature is known to be good."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from servicekit.problems import Unauthenticated

_LATEST_TIME: Final = 253_402_300_799.0  # 9999-12-31T23:59:59Z, the last time a datetime can hold


@dataclass(frozen=True)
class Identity:
    """Who speaks: made by verifying a token and in no other way.

    `user_id` is the subject; times are aware UTC; `token` is the verified text, to hand on.
    """

    user_id: UUID
    expires_at: datetime
    issued_at: datetime
    token: str = field(repr=False)


@dataclass(frozen=True)
class ClaimRules:
    """What we ask of claims. Source: contract.md header table; RFC 7519 section 4.1."""

    issuer: str
    audience: str
    leeway_seconds: float
    max_lifetime_seconds: float


def refuse_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build an object, refusing one that says a thing twice: two readers would see two tokens."""
    built = dict(pairs)
    if len(built) != len(pairs):
        raise ValueError("duplicate member")
    return built


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def parse_object(raw: bytes) -> dict[str, object]:
    """Parse a JSON object strictly: UTF-8, no duplicate member, no NaN or Infinity.

    Raises: ValueError: anything else, too deep a nesting included.
    Source: RFC 8259; RFC 7515 section 4 (member names must be unique).
    """
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=refuse_duplicates,
            parse_constant=_refuse_constant,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _time(claims: dict[str, object], name: str) -> float:
    """Read a NumericDate: a finite JSON number, not a bool, not a string."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unauthenticated(f"The token's {name} is missing or not a number.")
    # NaN and infinity are outside too; an int of hundreds of digits would overflow float().
    if not 0 <= value <= _LATEST_TIME:
        raise Unauthenticated(f"The token's {name} is out of range.")
    return float(value)


def _text(claims: dict[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise Unauthenticated(f"The token's {name} is missing or not a string.")
    return value


def _check_audience(claims: dict[str, object], audience: str) -> None:
    value = claims.get("aud")
    members = [value] if isinstance(value, str) else value
    if not isinstance(members, list) or not all(isinstance(item, str) for item in members):
        raise Unauthenticated("The token's aud is missing or not a string or list of strings.")
    if audience not in members:
        raise Unauthenticated("The token is for another audience.")


def _subject(claims: dict[str, object]) -> UUID:
    subject = _text(claims, "sub")
    try:
        user_id = UUID(subject)
    except ValueError:
        raise Unauthenticated("The token's sub is not a UUID.") from None
    # UUID() also takes braces, urn:uuid: and upper case; one user must have one spelling.
    if str(user_id) != subject:
        raise Unauthenticated("The token's sub is not a UUID in canonical form.")
    return user_id


def identify(
    claims: dict[str, object], rules: ClaimRules, *, token: str, now: float, judged_at: float
) -> Identity:
    """Check the claims of a token whose signature is good.

    Args: now: Unix seconds. judged_at: the moment `exp` is held against, usually `now`; earlier
        for a turn that began while the token was good.
    Raises: Unauthenticated (401): a claim is missing, of the wrong type, or refused.
    """
    if _text(claims, "iss") != rules.issuer:
        raise Unauthenticated("The token is from another issuer.")
    _check_audience(claims, rules.audience)
    user_id = _subject(claims)
    issued_at, expires_at = _time(claims, "iat"), _time(claims, "exp")
    if expires_at <= issued_at or expires_at - issued_at > rules.max_lifetime_seconds:
        raise Unauthenticated("The token's lifetime is not allowed.")
    if issued_at > now + rules.leeway_seconds:
        raise Unauthenticated("The token is from the future.")
    if "nbf" in claims and _time(claims, "nbf") > now + rules.leeway_seconds:
        raise Unauthenticated("The token is not valid yet.")
    if judged_at >= expires_at + rules.leeway_seconds:
        raise Unauthenticated("The token has expired.")
    return Identity(
        user_id=user_id,
        expires_at=datetime.fromtimestamp(expires_at, UTC),
        issued_at=datetime.fromtimestamp(issued_at, UTC),
        token=token,
    )
