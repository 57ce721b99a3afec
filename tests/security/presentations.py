"""Good tokens that are handed over in a way that the contract does not know.

Sources: RFC 6750 section 2.1 (one `Authorization` header, scheme Bearer); contract.md "The
endpoint". Two header lines of one name are never a list here: each proxy would pick another.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.equipment.raw_http import Header


@dataclass(frozen=True, slots=True)
class Presentation:
    """How a token is handed over: header lines and a query string."""

    headers: tuple[Header, ...] = ()
    query: str = ""


Present = Callable[[str], Presentation]


def as_bearer(token: str) -> Presentation:
    """The one right way."""
    return Presentation((("Authorization", f"Bearer {token}"),))


def _header(name: str, template: str) -> Present:
    return lambda token: Presentation(((name, template.replace("TOKEN", token)),))


def _headers(*templates: str) -> Present:
    return lambda token: Presentation(
        tuple(("Authorization", template.replace("TOKEN", token)) for template in templates)
    )


HOSTILE_PRESENTATIONS: dict[str, Present] = {
    "nothing at all": lambda _: Presentation(),
    "an empty header": _headers(""),
    "the scheme alone": _headers("Bearer"),
    "the scheme and a space": _headers("Bearer "),
    "the token alone": _headers("TOKEN"),
    "scheme Basic": _headers("Basic TOKEN"),
    "scheme Token": _headers("Token TOKEN"),
    "scheme JWT": _headers("JWT TOKEN"),
    "scheme DPoP": _headers("DPoP TOKEN"),
    "scheme Bearerx": _headers("Bearerx TOKEN"),
    "no space after the scheme": _headers("BearerTOKEN"),
    "a colon after the scheme": _headers("Bearer: TOKEN"),
    "an equals sign after the scheme": _headers("Bearer=TOKEN"),
    "the scheme twice": _headers("Bearer Bearer TOKEN"),
    "the token in quotes": _headers('Bearer "TOKEN"'),
    "the token in angle brackets": _headers("Bearer <TOKEN>"),
    "the token twice": _headers("Bearer TOKEN TOKEN"),
    "a list of two": _headers("Bearer TOKEN, Bearer TOKEN"),
    "a list of a Basic and a Bearer": _headers("Basic eDp5, Bearer TOKEN"),
    "a parameter after the token": _headers('Bearer TOKEN, realm="x"'),
    "something after the token": _headers("Bearer TOKEN;"),
    "the header twice, both good": _headers("Bearer TOKEN", "Bearer TOKEN"),
    "the header twice, the first good": _headers("Bearer TOKEN", "Bearer x.y.z"),
    "the header twice, the second good": _headers("Bearer x.y.z", "Bearer TOKEN"),
    "the header twice, the first empty": _headers("", "Bearer TOKEN"),
    "the header twice, the first Basic": _headers("Basic eDp5", "Bearer TOKEN"),
    "X-Authorization": _header("X-Authorization", "Bearer TOKEN"),
    "X-Forwarded-Authorization": _header("X-Forwarded-Authorization", "Bearer TOKEN"),
    "Proxy-Authorization": _header("Proxy-Authorization", "Bearer TOKEN"),
    "X-Access-Token": _header("X-Access-Token", "TOKEN"),
    "a cookie": _header("Cookie", "session=TOKEN; token=TOKEN; authorization=Bearer TOKEN"),
    "query access_token": lambda token: Presentation(query=f"access_token={token}"),
    "query token": lambda token: Presentation(query=f"token={token}"),
    "query authorization": lambda token: Presentation(query=f"authorization=Bearer%20{token}"),
}
