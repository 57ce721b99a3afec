"""The check: from the text of a bearer token to an `Identity`, or a refusal that says why."""

import binascii
from datetime import datetime
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jws import JWSRegistry
from joserfc.registry import JWS_HEADER_REGISTRY
from joserfc.util import urlsafe_b64decode

from servicekit import clock
from servicekit.problems import Unauthenticated
from servicekit.tokens.claims import ClaimRules, Identity, identify, parse_object
from servicekit.tokens.jwks import MAX_KEY_ID_LENGTH, JwksCache

ALGORITHM: Final = "EdDSA"
_HEADER_MEMBERS: Final = ("alg", "kid", "typ")


class _EdDsaOnly(JWSRegistry):
    """EdDSA and the three header members that our auth service sends; all else is refused.

    joserfc warns at each use that RFC 9864 renames EdDSA to Ed25519. Better Auth 1.7.7 signs with
    the old name, and our keys are Ed25519 alone, so the warning has nothing to tell us.
    """

    default_header_registry = {  # noqa: RUF012 - joserfc's own class attribute, read only
        name: JWS_HEADER_REGISTRY[name] for name in _HEADER_MEMBERS
    }

    def get_alg(self, name: str) -> JWSAlgModel:
        if name != ALGORITHM:
            raise JoseError("not EdDSA")
        return self.algorithms[ALGORITHM]


_REGISTRY: Final = _EdDsaOnly(algorithms=[ALGORITHM])


def _key_id(token: str) -> str:
    """Read the kid from a header that holds nothing but what we allow.

    No `crit`, `jwk`, `jku`, `x5u`, `b64`: a token brings neither its key nor its rules.
    """
    segments = token.split(".")
    if len(segments) != 3:
        raise Unauthenticated("The token is not a signed JWT.")
    try:
        header = parse_object(urlsafe_b64decode(segments[0].encode("ascii")))
    except (ValueError, binascii.Error):
        raise Unauthenticated("The token's header cannot be read.") from None
    if header.get("alg") != ALGORITHM:
        raise Unauthenticated("The token's algorithm is not allowed.")
    if not header.keys() <= set(_HEADER_MEMBERS):
        raise Unauthenticated("The token's header holds members that are not allowed.")
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise Unauthenticated("The token is not a JWT.")
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= MAX_KEY_ID_LENGTH:
        raise Unauthenticated("The token's kid is missing or not a short string.")
    return key_id


class TokenVerifier:
    """Checks bearer tokens of one issuer for one audience.

    Args: issuer, audience: compared exactly. leeway_seconds: for clocks that differ; applies to
        exp, iat and nbf. max_lifetime_seconds: exp - iat at most: what auth issues. max_bytes: of
        the token's text. expiry_grace_seconds: how long after a turn began its token may be used
        (see `good_at`).
    Source: contract.md header table; RFC 8725 (JWT best current practices).
    """

    def __init__(
        self,
        jwks: JwksCache,
        issuer: str,
        audience: str,
        *,
        leeway_seconds: float = 30,
        max_lifetime_seconds: float = 300,
        max_bytes: int = 4096,
        expiry_grace_seconds: float = 0,
    ) -> None:
        if not issuer or not audience:
            raise ValueError("issuer and audience must not be empty")
        self._jwks = jwks
        self._rules = ClaimRules(issuer, audience, leeway_seconds, max_lifetime_seconds)
        self._max_bytes = max_bytes
        self._expiry_grace_seconds = expiry_grace_seconds

    async def verify(self, token: str, *, good_at: datetime | None = None) -> Identity:
        """Check a token.

        Args: token: as it stood after `Bearer `. good_at: aware UTC, the moment a turn began, said
            by a peer: if it is not in the future and not older than the grace, `exp` is held
            against it instead of now, so that a turn survives its token. No other check changes.
        Returns: who speaks.
        Raises: Unauthenticated (401): with the reason, never the token.
            AuthUnavailable (503): no key to judge by.
        Source: ADR 0005.
        """
        if not token or len(token) > self._max_bytes or not token.isascii():
            raise Unauthenticated("The token is empty, too long or not ASCII.")
        key = await self._jwks.key(_key_id(token))
        try:
            payload = jws.deserialize_compact(token, key, registry=_REGISTRY).payload
        except (JoseError, ValueError):
            raise Unauthenticated("The token's signature is not valid.") from None
        try:
            claims = parse_object(payload)
        except ValueError:
            raise Unauthenticated("The token's claims cannot be read.") from None
        now = clock.now().timestamp()
        judged_at = now if good_at is None else self._judged_at(now, good_at.timestamp())
        return identify(claims, self._rules, token=token, now=now, judged_at=judged_at)

    def _judged_at(self, now: float, good_at: float) -> float:
        """A moment in the future counts as now, and so does one that is older than the grace."""
        too_old = good_at < now - self._expiry_grace_seconds
        return now if too_old else min(now, good_at)
