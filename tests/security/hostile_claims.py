"""Tokens that are rightly signed, but whose claims are missing, of a wrong type or not true.

Sources: contract.md "The endpoint" (`iss`, `aud`, `exp`, `iat`, `sub` present, right and of the
right type; lifetime at most 1 h; leeway 30 s); RFC 7519 section 4.1.
"""

import json

from tests.security.forge import OTHER_AUDIENCE, Forge, Forgery

HOUR_SECONDS = 3600
LIFETIME_SECONDS = 300
"""AUTH_TOKEN_LIFETIME_SECONDS of contract.md "Configuration"."""
LEEWAY_SECONDS = 30


def _missing(name: str) -> Forgery:
    return lambda forge: forge.good.sign(forge.header(), forge.claims_without(name))


def _claim(name: str, value: object) -> Forgery:
    return lambda forge: forge.with_claims(**{name: value})


def _literal(name: str, literal: str) -> Forgery:
    """A claim written as JSON that Python's json would not write."""

    def forge_token(forge: Forge) -> str:
        rest = json.dumps(forge.claims_without(name))[:-1]
        return forge.good.sign(forge.header(), f'{rest}, "{name}": {literal}}}'.encode())

    return forge_token


def _window(issued: int, expires: int) -> Forgery:
    """A token whose iat and exp are so many seconds from now."""
    return lambda forge: forge.with_claims(iat=forge.now + issued, exp=forge.now + expires)


MISSING: dict[str, Forgery] = {
    f"{name} {how}": make
    for name in ("iss", "aud", "exp", "iat", "sub")
    for how, make in {
        "missing": _missing(name),
        "null": _claim(name, None),
        "an object": _claim(name, {"value": 1}),
        "true": _claim(name, True),
        "false": _claim(name, False),
    }.items()
}

ISSUERS: dict[str, Forgery] = {
    "iss of somebody else": _claim("iss", "https://issuer.example"),
    "iss empty": _claim("iss", ""),
    "iss with a trailing slash": lambda forge: forge.with_claims(iss=f"{forge.issuer}/"),
    "iss with a trailing space": lambda forge: forge.with_claims(iss=f"{forge.issuer} "),
    "iss in upper case": lambda forge: forge.with_claims(iss=forge.issuer.upper()),
    "iss with another scheme": lambda forge: forge.with_claims(
        iss=forge.issuer.replace("http://", "https://")
    ),
    "iss by another name of the host": lambda forge: forge.with_claims(
        iss=forge.issuer.replace("127.0.0.1", "localhost")
    ),
    "iss on another port": lambda forge: forge.with_claims(iss=f"{forge.issuer}0"),
    "iss with a path": lambda forge: forge.with_claims(iss=f"{forge.issuer}/api/auth"),
    "iss as a prefix": lambda forge: forge.with_claims(iss=forge.issuer[:-1]),
    "iss as a suffix": lambda forge: forge.with_claims(iss=f"https://x.example/{forge.issuer}"),
    "iss a list": lambda forge: forge.with_claims(iss=[forge.issuer]),
    "iss a number": _claim("iss", 1),
}

AUDIENCES: dict[str, Forgery] = {
    "aud of the other service alone": lambda forge: forge.with_claims(aud=forge.neighbour),
    "aud of somebody else": _claim("aud", OTHER_AUDIENCE),
    "aud a list of somebody else": _claim("aud", [OTHER_AUDIENCE]),
    "aud empty": _claim("aud", ""),
    "aud an empty list": _claim("aud", []),
    "aud in upper case": lambda forge: forge.with_claims(aud=forge.audience.upper()),
    "aud with a trailing space": lambda forge: forge.with_claims(aud=f"{forge.audience} "),
    "aud as a prefix": lambda forge: forge.with_claims(aud=f"{forge.audience}-admin"),
    "aud a space-separated list": lambda forge: forge.with_claims(
        aud=f"{OTHER_AUDIENCE} {forge.audience}"
    ),
    "aud a comma-separated list": lambda forge: forge.with_claims(
        aud=f"{forge.audience},{OTHER_AUDIENCE}"
    ),
    "aud a nested list": lambda forge: forge.with_claims(aud=[[forge.audience]]),
    "aud a list with a number": lambda forge: forge.with_claims(aud=[1, forge.audience]),
    "aud a list with null": lambda forge: forge.with_claims(aud=[None, forge.audience]),
    "aud an object with the name as key": lambda forge: forge.with_claims(
        aud={forge.audience: True}
    ),
    "aud a wildcard": _claim("aud", "*"),
    "aud a number": _claim("aud", 0),
}

SUBJECTS: dict[str, Forgery] = {
    "sub empty": _claim("sub", ""),
    "sub a number": _claim("sub", 1),
    "sub a list": lambda forge: forge.with_claims(sub=[str(forge.user_id)]),
    "sub no UUID": _claim("sub", "admin"),
    "sub a wildcard": _claim("sub", "*"),
    "sub SQL": lambda forge: forge.with_claims(sub=f"{forge.user_id}' OR '1'='1"),
    "sub with a newline": lambda forge: forge.with_claims(sub=f"{forge.user_id}\n"),
    "sub with a trailing space": lambda forge: forge.with_claims(sub=f"{forge.user_id} "),
    "sub in braces": lambda forge: forge.with_claims(sub=f"{{{forge.user_id}}}"),
    "sub a URN": lambda forge: forge.with_claims(sub=forge.user_id.urn),
    "sub without hyphens": lambda forge: forge.with_claims(sub=forge.user_id.hex),
}


def _times(name: str) -> dict[str, Forgery]:
    return {
        f"{name} a string of digits": lambda forge: forge.with_claims(
            **{name: str(forge.claims()[name])}
        ),
        f"{name} a date": _claim(name, "2099-01-01T00:00:00Z"),
        f"{name} a list": lambda forge: forge.with_claims(**{name: [forge.claims()[name]]}),
        f"{name} NaN": _literal(name, "NaN"),
        f"{name} Infinity": _literal(name, "Infinity"),
        f"{name} minus Infinity": _literal(name, "-Infinity"),
        f"{name} 1e400": _literal(name, "1e400"),
        f"{name} a number of 400 digits": _literal(name, "9" * 400),
        f"{name} a negative number of 400 digits": _literal(name, "-" + "9" * 400),
        f"{name} zero": _claim(name, 0),
        f"{name} negative": _claim(name, -1),
        f"{name} in milliseconds": lambda forge: forge.with_claims(**{name: forge.now * 1000}),
    }


TIMES: dict[str, Forgery] = {
    **_times("exp"),
    **_times("iat"),
    "expired just past the leeway": _window(-100, -LEEWAY_SECONDS - 2),
    "expired yesterday": _window(-24 * HOUR_SECONDS - 300, -24 * HOUR_SECONDS),
    "issued just past the leeway in the future": _window(LEEWAY_SECONDS + 5, 200),
    "issued tomorrow": _window(24 * HOUR_SECONDS, 24 * HOUR_SECONDS + 300),
    "expires before it was issued": _window(20, -20),
    "lives a second longer than auth issues": _window(-10, LIFETIME_SECONDS - 9),
    "lives an hour": _window(-10, HOUR_SECONDS - 10),
    "lives a day": _window(-10, 24 * HOUR_SECONDS),
    "lives for ever": _window(-10, 10**10),
    "lives long because it was issued long ago": _window(-2 * HOUR_SECONDS, 100),
    "not good before tomorrow": lambda forge: forge.with_claims(nbf=forge.now + 86400),
    "nbf of a wrong type": _claim("nbf", "never"),
    "nbf NaN": _literal("nbf", "NaN"),
}

GOOD: dict[str, Forgery] = {
    "nothing wrong": lambda forge: forge.good_token(),
    "expired within the leeway": _window(-100, -LEEWAY_SECONDS + 8),
    "issued by a clock that is a little ahead": _window(LEEWAY_SECONDS - 8, 200),
    "lives exactly as long as auth issues": _window(-10, LIFETIME_SECONDS - 10),
    "a claim that nobody knows": _claim("scope", "anything"),
    "typ JWT": lambda forge: forge.with_header(typ="JWT"),
}
