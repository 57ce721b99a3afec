"""The headers of the endpoint that are not about identity: key, time zone, media type."""

import re
from importlib.resources import files
from typing import Final

from servicekit.media_type import is_plain_json
from starlette.datastructures import Headers

from chat_gateway.errors import InvalidRequest, UnsupportedMediaType

#: contract.md "The endpoint": 1–255 visible ASCII characters.
IDEMPOTENCY_KEY_PATTERN: Final = r"[\x21-\x7e]{1,255}"
_IDEMPOTENCY_KEY: Final = re.compile(IDEMPOTENCY_KEY_PATTERN)
_QVALUE: Final = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
#: Of the package and not of the machine, whose directory also holds `localtime` and the like.
_TIME_ZONES: Final = frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def _single(headers: Headers, name: str) -> str | None:
    """The header's value, or None without one. Raises: InvalidRequest (422): it came twice."""
    values = headers.getlist(name)
    if len(values) > 1:
        raise _refused(name, "may be sent once")
    return values[0] if values else None


def _refused(name: str, message: str) -> InvalidRequest:
    return InvalidRequest(
        "A header is not valid.", errors=[{"pointer": f"/header/{name}", "message": message}]
    )


def idempotency_key(headers: Headers) -> str | None:
    """The client's key, which makes its retries safe.

    Raises: InvalidRequest (422).
    Source: contract.md "The endpoint" and "Retries".
    """
    key = _single(headers, "idempotency-key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise _refused("idempotency-key", "must be 1 to 255 visible ASCII characters")
    return key


def time_zone(headers: Headers) -> str | None:
    """The person's time zone, an IANA name. Raises: InvalidRequest (422): nobody knows it."""
    name = _single(headers, "time-zone")
    if name is not None and name not in _TIME_ZONES:
        raise _refused("time-zone", "must be an IANA time zone, e.g. Europe/Berlin")
    return name


def check_media_type(headers: Headers) -> None:
    """Take plain JSON in UTF-8 only.

    Raises: UnsupportedMediaType (415): another type, charset or coding, or not exactly one type.
    """
    if not is_plain_json(headers):
        raise UnsupportedMediaType()


def wants_events(headers: Headers) -> bool:
    """Whether the client would rather have server-sent events than one JSON body.

    It has to name them: a wildcard takes JSON, and so does who likes both as much. What cannot be
    read is no wish. Source: RFC 9110 section 12.5.1.
    """
    liked = {"text/event-stream": 0.0, "application/json": 0.0}
    for part in ",".join(headers.getlist("accept")).split(","):
        name, *parameters = (one.strip().lower() for one in part.split(";"))
        if name in liked:
            weights = [_weight(one[2:]) for one in parameters if one.startswith("q=")]
            liked[name] = max(liked[name], weights[0] if weights else 1.0)
    return liked["text/event-stream"] > liked["application/json"]


def _weight(text: str) -> float:
    """A qvalue, 0 where it is none. Source: RFC 9110 section 12.4.2."""
    return float(text) if _QVALUE.fullmatch(text) else 0.0
