"""Tokens whose header lies: another algorithm, a strange key id, a key of the forger's own.

Sources: RFC 8725 sections 2.1, 2.2, 3.1, 3.10; RFC 7515 section 4; contract.md "The endpoint"
("EdDSA token").
"""

import json

from tests.equipment.issuer import encoded
from tests.security.forge import Forge, Forgery, compact, es256, hs256, ps256, rs256, rsa_pem


def _unsigned(alg: object) -> Forgery:
    return lambda forge: f"{encoded(forge.header(alg=alg))}.{encoded(forge.claims())}."


def _signed_yet_named(alg: object) -> Forgery:
    return lambda forge: forge.with_header(alg=alg)


def _without_member(name: str) -> Forgery:
    def forge_token(forge: Forge) -> str:
        header = {key: value for key, value in forge.header().items() if key != name}
        return forge.good.sign(header, forge.claims())

    return forge_token


def _hs256(secret_of: str) -> Forgery:
    def forge_token(forge: Forge) -> str:
        secrets = {
            "raw public key": forge.good.public_bytes,
            "public key in PEM": forge.good.public_pem,
            "public key as JWK": json.dumps(forge.good.jwk()).encode(),
            "x of the JWK": str(forge.good.jwk()["x"]).encode(),
            "RSA public key in PEM": rsa_pem(forge.rsa_key),
            "empty secret": b"",
        }
        return compact(forge.header(alg="HS256"), forge.claims(), hs256(secrets[secret_of]))

    return forge_token


ALGORITHMS: dict[str, Forgery] = {
    "alg none without a signature": _unsigned("none"),
    "alg None without a signature": _unsigned("None"),
    "alg NONE without a signature": _unsigned("NONE"),
    "alg empty without a signature": _unsigned(""),
    "alg null without a signature": _unsigned(None),
    "alg EdDSA without a signature": _unsigned("EdDSA"),
    "alg none over a good signature": _signed_yet_named("none"),
    "alg missing over a good signature": _without_member("alg"),
    "alg null over a good signature": _signed_yet_named(None),
    "alg in lower case": _signed_yet_named("eddsa"),
    "alg with a trailing space": _signed_yet_named("EdDSA "),
    "alg with a NUL": _signed_yet_named("EdDSA\x00"),
    "alg as a list": _signed_yet_named(["EdDSA"]),
    "alg as an object": _signed_yet_named({"EdDSA": True}),
    "alg as a number": _signed_yet_named(8),
    "alg Ed448": _signed_yet_named("Ed448"),
    "alg of another kind over a good signature": _signed_yet_named("ES256"),
    "HS256 with the raw public key": _hs256("raw public key"),
    "HS256 with the public key in PEM": _hs256("public key in PEM"),
    "HS256 with the public key as JWK": _hs256("public key as JWK"),
    "HS256 with x of the JWK": _hs256("x of the JWK"),
    "HS256 with an RSA public key": _hs256("RSA public key in PEM"),
    "HS256 with an empty secret": _hs256("empty secret"),
    "RS256 by a published key": lambda forge: compact(
        forge.header(alg="RS256", kid="rsa"), forge.claims(), rs256(forge.rsa_key)
    ),
    "PS256 by a published key": lambda forge: compact(
        forge.header(alg="PS256", kid="rsa"), forge.claims(), ps256(forge.rsa_key)
    ),
    "ES256 by a published key": lambda forge: compact(
        forge.header(alg="ES256", kid="ec"), forge.claims(), es256(forge.ec_key)
    ),
    "RS256 under the EdDSA key's kid": lambda forge: compact(
        forge.header(alg="RS256"), forge.claims(), rs256(forge.rsa_key)
    ),
    "EdDSA under the RSA key's kid": lambda forge: forge.with_header(kid="rsa"),
    "EdDSA under the EC key's kid": lambda forge: forge.with_header(kid="ec"),
    "EdDSA under the X25519 key's kid": lambda forge: forge.with_header(kid="x25519"),
    "EdDSA by a key that is published for encryption": lambda forge: forge.encryption.sign(
        forge.header(kid=forge.encryption.kid), forge.claims()
    ),
}


def _kid(kid: object) -> Forgery:
    return lambda forge: forge.with_header(kid=kid)


KEY_IDS: dict[str, Forgery] = {
    "kid missing": _without_member("kid"),
    "kid null": _kid(None),
    "kid empty": _kid(""),
    "kid a number": _kid(1),
    "kid zero": _kid(0),
    "kid true": _kid(True),
    "kid a list": lambda forge: forge.with_header(kid=[forge.good.kid]),
    "kid an object": lambda forge: forge.with_header(kid={"kid": forge.good.kid}),
    "kid unknown": _kid("nobody"),
    "kid 300 characters": _kid("k" * 300),
    "kid 2,000 characters": _kid("k" * 2000),
    "kid in another case": lambda forge: forge.with_header(kid=forge.good.kid.swapcase()),
    "kid with a trailing space": lambda forge: forge.with_header(kid=f"{forge.good.kid} "),
    "kid with a trailing NUL": lambda forge: forge.with_header(kid=f"{forge.good.kid}\x00"),
    "kid a path": _kid("../../../../dev/null"),
    "kid a file URL": _kid("file:///dev/null"),
    "kid SQL": _kid("' OR '1'='1' --"),
    "kid a shell command": _kid("$(id)"),
    "kid a template": _kid("{{7*7}}${7*7}%s%n"),
    "kid with CRLF": _kid("x\r\nAuthorization: Bearer y"),
    "kid a lone surrogate": lambda forge: forge.good.sign(
        b'{"alg":"EdDSA","kid":"\\ud800"}', forge.claims()
    ),
    "kid a URL of the stranger's keys": lambda forge: forge.by_stranger(kid=forge.stranger_url),
}


def _own_keys(**members: object) -> Forgery:
    return lambda forge: forge.by_stranger(
        **{name: value(forge) if callable(value) else value for name, value in members.items()}
    )


def _jwk(forge: Forge) -> object:
    return forge.stranger.jwk(kid=forge.good.kid)


def _url(forge: Forge) -> object:
    return forge.stranger_url


OWN_KEYS: dict[str, Forgery] = {
    "a stranger's key under the good kid": _own_keys(),
    "a stranger's key in jwk": _own_keys(jwk=_jwk),
    "a stranger's key in jwk and its own kid": _own_keys(jwk=_jwk, kid="stranger"),
    "a stranger's key set in jku": _own_keys(jku=_url),
    "a stranger's key set in jku and its own kid": _own_keys(jku=_url, kid="stranger"),
    "a stranger's certificate in x5c": _own_keys(x5c=["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"]),
    "a stranger's certificate in x5u": _own_keys(x5u=_url),
    "a stranger's thumbprint in x5t": _own_keys(x5t="c3RyYW5nZXI"),
    "another issuer's key under the good kid": lambda forge: forge.stranger.sign(
        forge.header(), forge.claims(iss=forge.stranger_url)
    ),
    "no kid and a stranger's key in jwk": _own_keys(jwk=_jwk, kid=None),
}

EXTENSIONS: dict[str, Forgery] = {
    "crit with an unknown extension": lambda forge: forge.with_header(crit=["x"], x=1),
    "crit empty": lambda forge: forge.with_header(crit=[]),
    "crit null": lambda forge: forge.with_header(crit=None),
    "crit a string": lambda forge: forge.with_header(crit="exp", exp=1),
    "crit naming a registered member": lambda forge: forge.with_header(crit=["alg"]),
    "crit b64, payload not encoded": lambda forge: forge.with_header(crit=["b64"], b64=False),
    "b64 false without crit": lambda forge: forge.with_header(b64=False),
    "a good key in jwk over a good signature": lambda forge: forge.with_header(
        jwk=forge.good.jwk()
    ),
    "compressed": lambda forge: forge.with_header(zip="DEF"),
    "typ of another kind of token": lambda forge: forge.with_header(typ="logout+jwt"),
    "crit exp": lambda forge: forge.with_header(crit=["exp"], exp=forge.now + 100),
}
