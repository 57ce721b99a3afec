"""Tokens to ask the verifier about: good claims, and every way we know to make them bad."""

import time

from .key_server import Signer

ISSUER, AUDIENCE = "https://auth.example.com", "chat-gateway"
SUBJECT = "0198aaaa-bbbb-7ccc-8ddd-eeeeffff0000"
LEEWAY = 30


class At(float):
    """Seconds from the moment at which the token is made."""


def claims(**changes: object) -> dict[str, object]:
    """Good claims, with changes; `...` takes one away."""
    now = time.time()
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "iat": At(0), "exp": At(300)}
    return {
        name: now + value if isinstance(value, At) else value
        for name, value in {**good, **changes}.items()
        if value is not ...
    }


HOSTILE_CLAIMS: dict[str, dict[str, object]] = {
    "no exp": {"exp": ...},
    "no iat": {"iat": ...},
    "no sub": {"sub": ...},
    "no iss": {"iss": ...},
    "no aud": {"aud": ...},
    "expired": {"iat": At(-400), "exp": At(-LEEWAY - 5)},
    "exp as text": {"exp": "9999999999"},
    "exp as bool": {"exp": True},
    "exp null": {"exp": None},
    "exp as list": {"exp": [9_999_999_999]},
    "exp negative": {"exp": -1},
    "exp huge": {"exp": 10**400},
    "exp after the last year": {"exp": 10**15, "iat": 10**15 - 300},
    "iat as text": {"iat": "1"},
    "iat as bool": {"iat": True},
    "iat in the future": {"iat": At(LEEWAY + 60), "exp": At(300)},
    "nbf in the future": {"nbf": At(LEEWAY + 60)},
    "nbf as text": {"nbf": "0"},
    "nbf null": {"nbf": None},
    "exp before iat": {"iat": At(20), "exp": At(10)},
    "lives 61 minutes": {"exp": At(3660)},
    "lives a year": {"iat": At(-86_400 * 364), "exp": At(86_400)},
    "issuer of another": {"iss": "https://evil.example.com"},
    "issuer with a slash": {"iss": ISSUER + "/"},
    "issuer in upper case": {"iss": ISSUER.upper()},
    "issuers as list": {"iss": [ISSUER]},
    "audience of another": {"aud": "mcp-tools"},
    "audience with a prefix": {"aud": AUDIENCE + "-x"},
    "audience empty": {"aud": ""},
    "audiences empty": {"aud": []},
    "audiences of others": {"aud": ["mcp-tools", "web"]},
    "audiences with a number": {"aud": [AUDIENCE, 1]},
    "audiences nested": {"aud": [[AUDIENCE]]},
    "audience as object": {"aud": {AUDIENCE: True}},
    "subject empty": {"sub": ""},
    "subject as number": {"sub": 42},
    "subject as list": {"sub": [SUBJECT]},
    "subject no UUID": {"sub": "someone"},
    "subject in upper case": {"sub": SUBJECT.upper()},
    "subject in braces": {"sub": f"{{{SUBJECT}}}"},
    "subject as URN": {"sub": f"urn:uuid:{SUBJECT}"},
    "subject without hyphens": {"sub": SUBJECT.replace("-", "")},
    "subject with a blank": {"sub": f" {SUBJECT}"},
    "subject with a NUL": {"sub": f"{SUBJECT}\0"},
}

HOSTILE_HEADERS: dict[str, dict[str, object]] = {
    "no alg": {"kid": "key-1"},
    "alg none": {"alg": "none", "kid": "key-1"},
    "alg in lower case": {"alg": "eddsa", "kid": "key-1"},
    "alg Ed25519": {"alg": "Ed25519", "kid": "key-1"},
    "alg HS256": {"alg": "HS256", "kid": "key-1"},
    "alg RS256": {"alg": "RS256", "kid": "key-1"},
    "alg as list": {"alg": ["EdDSA"], "kid": "key-1"},
    "no kid": {"alg": "EdDSA"},
    "kid unknown": {"alg": "EdDSA", "kid": "key-9"},
    "kid empty": {"alg": "EdDSA", "kid": ""},
    "kid as number": {"alg": "EdDSA", "kid": 1},
    "kid as list": {"alg": "EdDSA", "kid": ["key-1"]},
    "kid too long": {"alg": "EdDSA", "kid": "k" * 129},
    "kid as path": {"alg": "EdDSA", "kid": "../../etc/passwd"},
    "crit": {"alg": "EdDSA", "kid": "key-1", "crit": ["exp"], "exp": 1},
    "crit empty": {"alg": "EdDSA", "kid": "key-1", "crit": []},
    "b64 false": {"alg": "EdDSA", "kid": "key-1", "b64": False, "crit": ["b64"]},
    "own key": {"alg": "EdDSA", "kid": "key-1", "jwk": Signer().public},
    "key by URL": {"alg": "EdDSA", "kid": "key-1", "jku": "https://evil.example.com/jwks"},
    "certificate by URL": {"alg": "EdDSA", "kid": "key-1", "x5u": "https://evil.example.com"},
    "typ of another use": {"alg": "EdDSA", "kid": "key-1", "typ": "dpop+jwt"},
    "typ as list": {"alg": "EdDSA", "kid": "key-1", "typ": ["JWT"]},
}
