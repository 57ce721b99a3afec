"""Whether a body is declared as plain JSON in UTF-8, and as nothing else."""

import re
from typing import Final

from starlette.datastructures import Headers

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# RFC 9110 section 5.6.6. A name with an asterisk (RFC 2231) is another name: HTTP has no such ones.
_PARAMETER: Final = rf';[ \t]*(?:({_TOKEN})=({_TOKEN}|"(?:[^"\\]|\\.)*")[ \t]*)?'
_PARAMETERS: Final = re.compile(_PARAMETER)
_JSON: Final = re.compile(rf"application/json[ \t]*(?:{_PARAMETER})*", re.IGNORECASE)


def is_plain_json(headers: Headers) -> bool:
    """Hold the headers of a body against application/json in UTF-8, uncoded, said once.

    Source: RFC 8259 section 11: application/json has no parameters; charset=utf-8 does no harm.
    """
    types = headers.getlist("content-type")
    codings = headers.getlist("content-encoding")
    if len(types) != 1 or any(coding.strip().lower() != "identity" for coding in codings):
        return False
    value = types[0].strip()
    return _JSON.fullmatch(value) is not None and all(
        name.lower() == "charset" and charset.strip('"').lower() in ("utf-8", "utf8")
        for name, charset in _PARAMETERS.findall(value)
        if name
    )
