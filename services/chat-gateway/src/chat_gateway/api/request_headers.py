"""The headers of the endpoint that are not about identity: key, time zone, media type."""

import re
from email.message import Message
from importlib.resources import files
from typing import Final

from starlette.datastructures import Headers

from chat_gateway.errors import InvalidRequest, UnsupportedMediaType

#: contract.md "The endpoint": 1–255 visible ASCII characters.
IDEMPOTENCY_KEY_PATTERN: Final = r"[\x21-\x7e]{1,255}"
_IDEMPOTENCY_KEY: Final = re.compile(IDEMPOTENCY_KEY_PATTERN)
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
    Source: RFC 8259 section 11: application/json has no parameters; charset=utf-8 does no harm.
    """
    values = headers.getlist("content-type")
    if len(values) != 1 or headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType()
    header = Message()
    header["content-type"] = values[0]
    parameters = dict(header.get_params(failobj=[])[1:])
    charset = parameters.pop("charset", "utf-8")
    plain = header.get_content_type() == "application/json" and not parameters
    if not plain or charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType()
