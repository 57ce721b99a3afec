"""Tokens that were tampered with: parts, encodings, sizes.

Sources: RFC 7515 sections 2, 3.1, 5.2; RFC 8725 section 3.3; contract.md ("at most 4 KB").
"""

import base64
import json
from collections.abc import Callable

from tests.equipment.issuer import base64url, encoded
from tests.security.forge import Forge, Forgery

MAX_TOKEN_BYTES = 4096
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
"""RFC 8032 section 5.1."""


def _changed(change: Callable[[str, str, str], str]) -> Forgery:
    """The parts of a good token, put together otherwise."""

    def forge_token(forge: Forge) -> str:
        header, payload, signature = forge.good_token().split(".")
        return change(header, payload, signature)

    return forge_token


def _flipped(part: str, at: int) -> str:
    """One character of a part replaced by another of the alphabet, so that its bytes change."""
    other = BASE64URL[(BASE64URL.index(part[at]) + 16) % 64]
    return part[:at] + other + part[at + 1 :]


def _same_bytes(part: str) -> str:
    """Another spelling of the same bytes: bits that the last character does not use are set."""
    spelled = part[:-1] + BASE64URL[BASE64URL.index(part[-1]) + 1]
    assert base64.urlsafe_b64decode(spelled + "==") == base64.urlsafe_b64decode(part + "==")
    return spelled


def _malleable(signature: str) -> str:
    """The other signature that satisfies the equation when S is not checked: S + L."""
    raw = base64.urlsafe_b64decode(signature + "==")
    scalar = int.from_bytes(raw[32:], "little") + ED25519_ORDER
    return base64url(raw[:32] + scalar.to_bytes(32, "little"))


def _with_payload(payload: bytes) -> Forgery:
    """A rightly signed token around bytes that are no claims."""
    return lambda forge: forge.good.sign(forge.header(), payload)


def _with_raw_header(header: bytes) -> Forgery:
    """A rightly signed token under bytes that are no header."""
    return lambda forge: forge.good.sign(header, forge.claims())


def just_over(forge: Forge, size: int) -> str:
    """The shortest good token of more than `size` bytes."""
    filler = "x" * ((size - len(forge.good_token())) * 3 // 4 - 40)
    while len(token := forge.with_claims(filler=filler)) <= size:
        filler += "x"
    return token


def at_most(forge: Forge, size: int) -> str:
    """The longest good token of at most `size` bytes."""
    filler, token = "x" * ((size - len(forge.good_token())) * 3 // 4 - 40), ""
    while len(longer := forge.with_claims(filler=filler)) <= size:
        filler, token = filler + "x", longer
    return token


TAMPERED: dict[str, Forgery] = {
    "first character of the signature changed": _changed(
        lambda h, p, s: f"{h}.{p}.{_flipped(s, 0)}"
    ),
    "middle of the signature changed": _changed(lambda h, p, s: f"{h}.{p}.{_flipped(s, 43)}"),
    "signature cut short": _changed(lambda h, p, s: f"{h}.{p}.{s[:-4]}"),
    "signature made longer": _changed(lambda h, p, s: f"{h}.{p}.{s}AAAA"),
    "signature of zeros": _changed(lambda h, p, s: f"{h}.{p}.{base64url(bytes(64))}"),
    "signature empty": _changed(lambda h, p, s: f"{h}.{p}."),
    "signature left out": _changed(lambda h, p, s: f"{h}.{p}"),
    "signature of another token": lambda forge: (
        forge.good_token().rsplit(".", 1)[0] + "." + forge.with_claims(x=1).rsplit(".", 1)[1]
    ),
    "signature with S + L": _changed(lambda h, p, s: f"{h}.{p}.{_malleable(s)}"),
    "signature spelled otherwise": _changed(lambda h, p, s: f"{h}.{p}.{_same_bytes(s)}"),
    "signature padded": _changed(lambda h, p, s: f"{h}.{p}.{s}=="),
    "signature with junk after padding": _changed(lambda h, p, s: f"{h}.{p}.{s}==junk"),
    "signature with an escaped line break": _changed(
        lambda h, p, s: f"{h}.{p}.{s[:40]}%0A{s[40:]}"
    ),
    "signature with a character outside the alphabet": _changed(
        lambda h, p, s: f"{h}.{p}.{s[:40]}!{s[40:]}"
    ),
    "payload changed": _changed(lambda h, p, s: f"{h}.{_flipped(p, 20)}.{s}"),
    "payload padded": _changed(lambda h, p, s: f"{h}.{p}=.{s}"),
    "claims of another user under a good signature": lambda forge: (
        forge.good_token().split(".")[0]
        + "."
        + encoded(forge.claims(admin=True))
        + "."
        + forge.good_token().split(".")[2]
    ),
    "header changed": _changed(lambda h, p, s: f"{encoded({'alg': 'EdDSA', 'kid': 'x'})}.{p}.{s}"),
    "header padded": _changed(lambda h, p, s: f"{h}=.{p}.{s}"),
    "parts in another order": _changed(lambda h, p, s: f"{p}.{h}.{s}"),
    "one part": _changed(lambda h, p, s: p),
    "four parts": _changed(lambda h, p, s: f"{h}.{p}.{s}.{s}"),
    "five parts, like an encrypted token": _changed(lambda h, p, s: f"{h}.{p}.{s}.{p}.{s}"),
    "empty parts": lambda forge: "..",
    "only dots": lambda forge: "." * 100,
    "a leading dot": _changed(lambda h, p, s: f".{h}.{p}.{s}"),
    "JSON serialization": _changed(
        lambda h, p, s: json.dumps({"protected": h, "payload": p, "signature": s})
    ),
}

NOT_CLAIMS: dict[str, Forgery] = {
    "payload empty": _with_payload(b""),
    "payload no JSON": _with_payload(b"sub=admin"),
    "payload a list": lambda forge: forge.good.sign(
        forge.header(), json.dumps([forge.claims()]).encode()
    ),
    "payload a string": lambda forge: forge.good.sign(forge.header(), b'"admin"'),
    "payload null": _with_payload(b"null"),
    "payload a number": _with_payload(b"1"),
    "payload nested too deep": _with_payload(b"[" * 1500 + b"]" * 1500),
    "payload not UTF-8": _with_payload(b'{"sub": "\xff\xfe"}'),
    "payload in UTF-16": lambda forge: forge.good.sign(
        forge.header(), json.dumps(forge.claims()).encode("utf-16")
    ),
    "payload with something after it": lambda forge: forge.good.sign(
        forge.header(), json.dumps(forge.claims()).encode() + b"{}"
    ),
    "header empty": _with_raw_header(b""),
    "header no JSON": _with_raw_header(b"alg=EdDSA"),
    "header a list": _with_raw_header(b'["EdDSA"]'),
    "header a string": _with_raw_header(b'"EdDSA"'),
    "header null": _with_raw_header(b"null"),
    "header nested too deep": _with_raw_header(b'{"a":' * 1000 + b"1" + b"}" * 1000),
    "header not UTF-8": _with_raw_header(b'{"alg": "EdDSA", "kid": "\xff"}'),
}

SIZES: dict[str, Forgery] = {
    "a few bytes over 4 KB": lambda forge: just_over(forge, MAX_TOKEN_BYTES),
    "8 KB": lambda forge: just_over(forge, 8192),
    # Over 16 KiB of headers nothing in them is read: 431.
    "15 KB": lambda forge: just_over(forge, 15_000),
    "15 KB of one letter": lambda forge: "A" * 15_000,
    "one character": lambda forge: "A",
}
