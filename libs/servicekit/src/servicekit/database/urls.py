"""Database URLs: what libpq and Neon write, turned into what asyncpg takes.

| parameter | what we do |
| --- | --- |
| `sslmode=disable` | no TLS |
| `sslmode=require`, `verify-ca`, `verify-full` | TLS with the host name and the chain verified: `require` alone would accept anybody's certificate |
| `sslmode=allow`, `prefer`, or none | no TLS to this machine, verified TLS to any other |
| `sslrootcert=<file>` | the authorities to trust; default and `system`: the system's |
| `channel_binding` | dropped: asyncpg has no SCRAM-PLUS; the verified certificate stands in its place |
| `options` | dropped: PgBouncer refuses it at connect, and the host name (SNI) tells Neon's endpoint |
| `connect_timeout` | seconds to connect |
| `host`, `port` | kept (unix sockets) |
| any other, or one twice | refused, so that no setting is lost in silence |
"""  # noqa: E501 - rows of a table cannot be broken

import ssl
from collections.abc import Mapping

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_DRIVER = "postgresql+asyncpg"
_SCHEMES = ("postgresql", "postgres", _DRIVER)
_KEPT = frozenset({"host", "port"})
_TRANSLATED = frozenset({"sslmode", "sslrootcert", "channel_binding", "options", "connect_timeout"})
_VERIFIED_MODES = frozenset({"require", "verify-ca", "verify-full"})
_OPPORTUNISTIC_MODES = frozenset({"allow", "prefer"})
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def _is_this_machine(url: URL, query: Mapping[str, str]) -> bool:
    host = query.get("host") or url.host or ""
    return host.startswith("/") or host in _THIS_MACHINE or host == ""


def _ssl_argument(url: URL, query: Mapping[str, str]) -> ssl.SSLContext | bool:
    mode = query.get("sslmode", "prefer")
    if mode == "disable" or (mode in _OPPORTUNISTIC_MODES and _is_this_machine(url, query)):
        return False
    if mode not in _VERIFIED_MODES | _OPPORTUNISTIC_MODES:
        raise ValueError("database URL: sslmode must be disable, require or verify-full")
    authorities = query.get("sslrootcert", "system")
    return ssl.create_default_context(cafile=None if authorities == "system" else authorities)


def asyncpg_url(url: str) -> tuple[str, dict[str, object]]:
    """Translate a libpq URL.

    Args: url: e.g. `postgresql://user:p%40ss@ep-x-pooler.neon.tech/db?sslmode=require`.
    Returns: SQLAlchemy's URL with the asyncpg driver (password in clear text, percent-encoded),
        and the arguments of `asyncpg.connect` that say what the parameters said.
    Raises: ValueError: not a Postgres URL, or a parameter that we would have to ignore. The
        message never holds the URL.
    Source: libpq, "Connection URIs" and "SSL support"; docs/pitfalls.md.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("database URL: cannot be read") from None
    if parsed.drivername not in _SCHEMES:
        raise ValueError("database URL: must begin with postgresql://")
    query = {name: value for name, value in parsed.query.items() if isinstance(value, str)}
    repeated = sorted(parsed.query.keys() - query.keys())
    if repeated:
        raise ValueError(f"database URL: parameter {', '.join(repeated)} is there twice")
    unknown = sorted(query.keys() - _KEPT - _TRANSLATED)
    if unknown:
        raise ValueError(f"database URL: parameter {', '.join(unknown)} is not supported")
    connect_args: dict[str, object] = {"ssl": _ssl_argument(parsed, query)}
    if "connect_timeout" in query:
        connect_args["timeout"] = float(query["connect_timeout"])
    kept = {name: value for name, value in query.items() if name in _KEPT}
    translated = parsed.set(drivername=_DRIVER, query=kept)
    return translated.render_as_string(hide_password=False), connect_args
